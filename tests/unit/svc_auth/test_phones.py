import pytest

from chassis.errors import InvalidField
from svc_auth.model.phones import normal_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+1 (555) 010-0200 ext. 12", "+1 555-010-0200 ext. 12"),
        ("+1 (555) 010-0200 #8", "+1 555-010-0200 ext. 8"),
        ("+1 555 010 0200 x8", "+1 555-010-0200 ext. 8"),
        ("+٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨", "+44 20 7946 0958"),
        ("＋４４ ２０ ７９４６ ０９５８", "+44 20 7946 0958"),
        ("+44 20 7946 0958", "+44 20 7946 0958"),
        (" 020  7946 0958 ", "020 7946 0958"),
        ("(555) 010-0200 ext. 12", "(555) 010-0200 ext. 12"),
        ("٠٢٠ ٧٩٤٦ ٠٩٥٨", "020 7946 0958"),
        ("۰۲۱ ۱۲۳۴", "021 1234"),
        ("555", "555"),
        ("+1 (555) 010-99", "+1 (555) 010-99"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_phone_number_is_taken_as_people_type_it(typed: str, kept: str) -> None:
    assert normal_phone(typed) == kept
    assert normal_phone(kept) == kept


@pytest.mark.parametrize("typed", ["call me", "12", "+1", "<b>555</b>", "+", "-"])
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidField, match="must be a phone number") as refusal:
        normal_phone(typed)
    assert refusal.value.field == "phone"
