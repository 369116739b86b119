import unicodedata

import pytest

from chassis.errors import InvalidField
from svc_auth.model.emails import new_email, spellings


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann.Lee+shop@Example.COM ", "ann.lee+shop@example.com"),
        ("ann@exämple.com", "ann@xn--exmple-cua.com"),
        ("ann@xn--exmple-cua.com", "ann@xn--exmple-cua.com"),
        (unicodedata.normalize("NFD", "ann@exämple.com"), "ann@xn--exmple-cua.com"),
        ("ann@shop.test", "ann@shop.test"),
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com"),
        ("a@еxample.com", "a@xn--xample-2of.com"),
    ],
)
def test_an_email_has_one_spelling_that_shows_what_it_is(typed: str, kept: str) -> None:
    assert new_email(typed, international=False) == kept
    assert spellings(typed)[0] == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "ann", "ann@", "@example.com", "ann@example", "a b@example.com", "a..b@example.com"),
        *("ann@[127.0.0.1]", '"ann"@example.com', "ann@-.com"),
        *("a\x01nn@example.com", "ann\x1b[31m@example.com", "ann\u202e@example.com"),
        *("ann\u200b@example.com", "ann\u200d@example.com", "an\u00adn@example.com"),
        *("ann@exam\u00adple.com", "аnn@example.com", "rené@example.com"),
    ],
)
def test_what_looks_like_another_email_is_refused(typed: str) -> None:
    with pytest.raises(InvalidField, match="is not an email that we can take") as refusal:
        new_email(typed, international=False)
    assert refusal.value.field == "email"


def test_a_shop_may_opt_in_to_other_letters() -> None:
    assert new_email("René@example.com", international=True) == "rené@example.com"
    with pytest.raises(InvalidField):
        new_email("ren\u200bé@example.com", international=True)


def test_accounts_of_before_are_found_under_what_was_typed() -> None:
    assert spellings("René@exämple.com") == ["rené@xn--exmple-cua.com", "rené@exämple.com"]
    assert spellings("a\u200bnn@example.com") == ["a\u200bnn@example.com"]
    assert spellings("ann@example.com") == ["ann@example.com"]
