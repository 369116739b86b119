import base64

import pytest

from devstack.stripe_emulator.auth import Keys
from devstack.stripe_emulator.errors import UnauthorizedError

KEYS = Keys("sk_test_mine", "pk_test_mine")


def test_the_secret_key_may_do_everything() -> None:
    assert KEYS.admit("Bearer sk_test_mine", browser_allowed=False) is False
    basic = base64.b64encode(b"sk_test_mine:").decode()
    assert KEYS.admit(f"Basic {basic}", browser_allowed=False) is False


def test_the_publishable_key_may_do_what_a_browser_may() -> None:
    assert KEYS.admit("Bearer pk_test_mine", browser_allowed=True) is True
    with pytest.raises(UnauthorizedError) as refused:
        KEYS.admit("Bearer pk_test_mine", browser_allowed=False)
    assert refused.value.code == "secret_key_required"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer sk_test_other", "Bearer pk_test_other", "Basic ???"]
)
def test_everybody_else_is_refused(header: str | None) -> None:
    with pytest.raises(UnauthorizedError) as refused:
        KEYS.admit(header, browser_allowed=True)
    assert refused.value.status == 401


def test_without_settings_any_test_key_is_good_but_never_a_live_one() -> None:
    assert Keys().admit("Bearer sk_test_any", browser_allowed=False) is False
    with pytest.raises(UnauthorizedError) as refused:
        Keys().admit("Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc", browser_allowed=False)
    assert "4eC39Hq" not in refused.value.message
