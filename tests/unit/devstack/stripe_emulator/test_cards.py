import pytest

from devstack.stripe_emulator import cards
from devstack.stripe_emulator.card_details import full_year, luhn, typed_card
from devstack.stripe_emulator.errors import CardError
from devstack.stripe_emulator.forms import nest
from devstack.stripe_emulator.params import Params

JANUARY_2027 = 1_800_000_000
GOOD = {"number": "4242 4242-42424242", "exp_month": "1", "exp_year": "27", "cvc": "123"}


def typed(**changed: str) -> Params:
    flat = {f"card[{name}]": value for name, value in (GOOD | changed).items()}
    return Params(nest(flat.items())).within("card")


@pytest.mark.parametrize("card", cards.TEST_CARDS, ids=lambda card: card.name)
def test_every_row_of_the_table_is_found_under_all_its_names(card: cards.TestCard) -> None:
    assert luhn(card.number)
    assert cards.numbered(card.number) is card
    assert cards.behaviour(card.fingerprint) is card
    assert cards.named(f"tok_{card.name}", "tok_") is card
    assert cards.named(f"pm_card_{card.name}", "pm_card_") is card


@pytest.mark.parametrize(
    ("name", "prefix", "number"),
    [
        ("tok_visa", "tok_", "4242424242424242"),
        ("pm_card_chargeDeclined", "pm_card_", "4000000000000002"),
        ("pm_card_visa_chargeDeclined", "pm_card_", "4000000000000002"),
        ("tok_visa_chargeDeclinedInsufficientFunds", "tok_", "4000000000009995"),
        ("pm_card_authenticationRequired", "pm_card_", "4000002760003184"),
    ],
)
def test_stripes_own_names(name: str, prefix: str, number: str) -> None:
    card = cards.named(name, prefix)

    assert card is not None
    assert card.number == number


def test_other_names_are_nobodys() -> None:
    assert cards.named("tok_1abc", "tok_") is None
    assert cards.named("pm_card_visa", "tok_") is None


def test_a_good_card_is_read_without_its_number() -> None:
    facts = typed_card(typed(), JANUARY_2027)

    assert (facts.brand, facts.last4, facts.exp_month, facts.exp_year) == ("visa", "4242", 1, 2027)
    assert "4242424242424242" not in str(facts)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"number": "4242"}, "invalid_number"),
        ({"number": "４２４２424242424242"}, "invalid_number"),
        ({"number": "4111111111111111"}, "card_declined"),
        ({"exp_month": "13"}, "invalid_expiry_month"),
        ({"exp_month": "0"}, "invalid_expiry_month"),
        ({"exp_year": "2026"}, "invalid_expiry_year"),
        ({"exp_year": "95"}, "invalid_expiry_year"),
        ({"exp_year": "2078"}, "invalid_expiry_year"),
        ({"exp_year": "227"}, "invalid_expiry_year"),
        ({"cvc": "99"}, "invalid_cvc"),
    ],
)
def test_what_cannot_be_right_is_refused(changed: dict[str, str], code: str) -> None:
    with pytest.raises(CardError) as refused:
        typed_card(typed(**changed), JANUARY_2027)

    assert refused.value.code == code


def test_a_card_is_good_to_the_end_of_its_month() -> None:
    march_2027 = JANUARY_2027 + 60 * 86400

    assert typed_card(typed(exp_month="3"), march_2027).exp_month == 3
    with pytest.raises(CardError) as refused:
        typed_card(typed(exp_month="2"), march_2027)
    assert refused.value.code == "invalid_expiry_month"


@pytest.mark.parametrize(("year", "meant"), [(27, 2027), (77, 2077), (95, 1995), (2031, 2031)])
def test_two_digit_years(year: int, meant: int) -> None:
    assert full_year(year, 2027) == meant
