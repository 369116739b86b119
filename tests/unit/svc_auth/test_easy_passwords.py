import sys
import unicodedata

import pytest

from chassis.errors import InvalidField
from devstack.logins import LOGINS
from svc_auth.model.passwords import new_password, normal_password

EMAIL = "annabelle.lee@example.com"


def choose(password: str) -> str:
    return new_password(password, field="password", email=EMAIL, shop_name="The Larch Shop")


def test_a_password_has_one_spelling_but_keeps_its_case_and_spaces() -> None:
    assert normal_password(unicodedata.normalize("NFD", " Café ")) == " Café "
    assert choose(unicodedata.normalize("NFD", " Café au lait ")) == " Café au lait "


@pytest.mark.parametrize(
    "password",
    [
        *("password", "12345678", "qwertyuiop", "PASSWORD", "Iloveyou", " password "),
        *("aaaaaaaa", "        ", "12121212", "ÉéÉéÉéÉé", "aAbBaAbB"),
        *(EMAIL, EMAIL.upper(), "annabelle.lee", "Annabelle.Lee", "the larch shop"),
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        choose(password)
    assert refusal.value.field == "password"


def test_the_tables_of_passwords_that_are_not_looked_at_are_not_kept() -> None:
    with pytest.raises(InvalidField):
        choose("password")
    assert "zxcvbn" not in sys.modules


@pytest.mark.parametrize("password", ["correct horse", "battery staple", "Tr0ub4dor&3", "ééèèêêëë"])
def test_others_are_taken(password: str) -> None:
    assert choose(password) == password


@pytest.mark.parametrize("name", LOGINS)
def test_the_logins_of_the_demo_are_taken(name: str) -> None:
    login = LOGINS[name]
    chosen = new_password(login.password, field="password", email=login.email, shop_name="Larch")
    assert chosen == login.password
