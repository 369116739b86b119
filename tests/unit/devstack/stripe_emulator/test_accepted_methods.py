import pytest

from devstack.stripe_emulator.accepted_methods import accepted_methods
from devstack.stripe_emulator.errors import ParameterError
from devstack.stripe_emulator.forms import nest
from devstack.stripe_emulator.params import Params
from devstack.stripe_emulator.shapes import API_VERSION, JsonObject

LISTED = {"payment_method_types[]": "card"}
ALLOWED = {"allowed_payment_method_types[0]": "ideal", "allowed_payment_method_types[1]": "card"}
AUTOMATIC = {"automatic_payment_methods[enabled]": "true"}
NEVER = AUTOMATIC | {"automatic_payment_methods[allow_redirects]": "never"}


def accepted(flat: dict[str, str], version: str | None = None) -> JsonObject:
    return accepted_methods(Params(nest(flat.items())), version)


def redirects(mode: str) -> JsonObject:
    return {"automatic_payment_methods": {"enabled": True, "allow_redirects": mode}}


def test_what_nothing_is_said_about_is_automatic() -> None:
    assert accepted({}) == accepted(AUTOMATIC) == redirects("always")
    assert accepted(NEVER) == redirects("never")
    assert accepted({"automatic_payment_methods[enabled]": "false"}) == {}


def test_allowed_types_leave_out_what_the_account_lacks() -> None:
    assert accepted(ALLOWED) == {"allowed_payment_method_types": ["ideal", "card"]}
    with pytest.raises(ParameterError):
        accepted({"allowed_payment_method_types[]": "ideal"})


def test_listed_types_belong_to_older_versions() -> None:
    assert accepted(LISTED) == accepted(LISTED, "2026-08-26.dahlia") == {}
    for version in ("2026-09-30.endive", API_VERSION):
        with pytest.raises(ParameterError) as refused:
            accepted(LISTED, version)
        assert refused.value.code == "payment_method_types_no_longer_supported"


@pytest.mark.parametrize("flat", [LISTED | NEVER, LISTED | ALLOWED, ALLOWED | AUTOMATIC])
def test_only_one_way_to_say_it(flat: dict[str, str]) -> None:
    with pytest.raises(ParameterError):
        accepted(flat)
