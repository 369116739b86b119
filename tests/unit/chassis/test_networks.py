import pytest

from chassis.settings.networks import Networks


@pytest.mark.parametrize("address", ["10.1.2.3", "192.0.2.7", "fd00::7", "::ffff:10.1.2.3"])
def test_an_address_in_one_of_them(address: str) -> None:
    assert address in Networks("10.0.0.0/8", "192.0.2.7", "fd00::/8")


@pytest.mark.parametrize(
    "address", ["11.1.2.3", "192.0.2.8", "fe00::7", "in-process", "", "10.0.0"]
)
def test_an_address_in_none_of_them(address: str) -> None:
    assert address not in Networks("10.0.0.0/8", "192.0.2.7", "fd00::/8")


def test_what_they_are_can_be_printed() -> None:
    assert [*Networks("10.1.2.3/8", "192.0.2.7")] == ["10.0.0.0/8", "192.0.2.7/32"]
    assert not Networks()


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/64"):
        Networks("10.0.0.0/64")
