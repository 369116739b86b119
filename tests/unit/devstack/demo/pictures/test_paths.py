import pytest

from devstack.demo.pictures.paths import (
    Path,
    box,
    cap,
    ellipse,
    lathe,
    length,
    mirrored,
    moved,
    ribbon,
    rounded,
    spline,
    turned,
)

SQUARE: Path = [(0, 0), (100, 0), (100, 100), (0, 100)]


def _extent(path: Path) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in path], [y for _, y in path]
    return min(xs), min(ys), max(xs), max(ys)


@pytest.mark.parametrize(
    ("path", "extent"),
    [
        (ellipse(50, 60, 20, 10), (30, 50, 70, 70)),
        (box(10, 20, 30, 40), (10, 20, 40, 60)),
        (box(10, 20, 30, 40, 8), (10, 20, 40, 60)),
        (box(0, 0, 100, 100, 0, 30, 50, 0), (0, 0, 100, 100)),
        (cap(50, 10, 60, 40), (10, 10, 90, 60)),
        (lathe(50, [(10, 20), (90, 40)], smooth=False), (10, 10, 90, 90)),
        (lathe(50, [(10, 20), (90, 40)], 0.1, smooth=False), (10, 8, 90, 94)),
        (ribbon([(0, 50), (100, 50)], 20, 20), (0, 40, 100, 60)),
        (moved(SQUARE, 5, -5), (5, -5, 105, 95)),
        (mirrored(SQUARE, 0), (-100, 0, 0, 100)),
        (turned(SQUARE, 90, (0, 0)), (-100, 0, 0, 100)),
    ],
)
def test_an_outline_fills_the_space_it_was_asked_for(
    path: Path, extent: tuple[float, float, float, float]
) -> None:
    assert _extent(path) == pytest.approx(extent, abs=0.2)


def test_rounding_cuts_corners_and_keeps_the_middles_of_sides() -> None:
    soft = rounded(SQUARE, 20)
    assert (0, 0) not in soft
    assert (20, 0) in soft
    assert _extent(soft) == pytest.approx((0, 0, 100, 100), abs=3)


def test_a_spline_passes_through_its_points_and_a_closed_one_comes_back() -> None:
    path = spline(SQUARE)
    assert all(min(abs(x - px) + abs(y - py) for px, py in path) < 1e-9 for x, y in SQUARE)
    assert path[-1] != pytest.approx(path[0])
    assert spline(SQUARE, closed=True)[-1] == pytest.approx(SQUARE[0])


def test_length_is_the_sum_of_the_pieces() -> None:
    assert length(SQUARE) == pytest.approx(300)
