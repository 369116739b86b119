"""The figures of the Express shop that this one is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.harness.comparison import Comparison, Limit, Sample, Side, at_least

# Requests a second of bare Starlette on the machine on which the Express shop was measured.
STARLETTE = 17_000


@dataclass(frozen=True)
class Express:
    """What an Express shop with the same routes does, on any machine by what bare Starlette does.

    Attributes:
        per_second: What it does where bare Starlette answers 17,000 requests a second.
        times: The shop must do so many times as much.
        unit: What it does.
    """

    per_second: float
    times: float
    unit: str = "requests"

    def beside(
        self, subject: Side, starlette: Side, floor: Side, of_floor: Limit | None = None
    ) -> list[Comparison]:
        """The shop, and the least that can do the same behind a gateway and a service.

        Args:
            subject: The shop.
            starlette: Bare Starlette.
            floor: That least.
            of_floor: How near the shop must come to it.
        """

        async def measure(seconds: float) -> Sample:
            sample = await starlette.measure(seconds)
            answered = sample.figures["requests/s"]
            return Sample({figure: answered / STARLETTE * self.per_second}, sample.requests)

        figure = f"{self.unit}/s"
        shop = Side("Express, by bare Starlette", measure, starlette.pids)
        must_hold: Mapping[str, Limit] = {figure: of_floor} if of_floor else {}
        return [
            Comparison(subject, shop, {figure: at_least(self.times)}),
            Comparison(floor, shop),
            Comparison(subject, floor, must_hold),
        ]
