"""What an Express shop would do here follows from what bare Starlette does."""

import pytest

from benchmarks.harness import Express, Sample, Side, at_least


def side(name: str, **figures: float) -> Side:
    async def measure(_: float) -> Sample:
        return Sample({figure.replace("_", "/"): rate for figure, rate in figures.items()})

    return Side(name, measure)


@pytest.mark.anyio
async def test_an_express_shop_is_as_fast_as_bare_starlette_is_here() -> None:
    shop, floor = side("ours", flows_s=50), side("floor", flows_s=200)
    express = Express(per_second=73, times=2, unit="flows")
    ours, least, of_floor = express.beside(
        shop, side("Starlette", requests_s=8_500), floor, at_least(0.45)
    )
    assert ours.reference
    assert (await ours.reference.measure(1)).figures == {"flows/s": 36.5}
    assert ours.limits == {"flows/s": at_least(2)}
    assert (least.subject, least.reference) == (floor, ours.reference)
    assert (of_floor.subject, of_floor.reference) == (shop, floor)
    assert of_floor.limits == {"flows/s": at_least(0.45)}
