"""Phone numbers as people type them, and how they are kept."""

import re
import unicodedata

import phonenumbers

from chassis.errors import InvalidField

# What there is in a number without a country code, which no one but its owner can complete, or in
# one that the plans of numbers do not know, or not yet.
_AS_TYPED = re.compile(
    r"[0-9()+./ -]{3,}(?:\s*(?:ext\.?|extension|x|#)\s*[0-9]{1,7})?", re.IGNORECASE
)
_LEAST_DIGITS = 3


def normal_phone(text: str) -> str:
    """A phone number in international form, `+1 555-010-0200 ext. 12`.

    One without a country code, or that cannot be in use, stays as it was typed, in ASCII digits;
    nothing stays nothing.

    Raises:
        InvalidField: It cannot be a phone number.
    """
    typed = " ".join("".join(map(_ascii, text)).split())
    try:
        number = phonenumbers.parse(typed, None)
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        pass
    has_digits = sum(map(str.isdigit, typed)) >= _LEAST_DIGITS
    if typed and not (has_digits and _AS_TYPED.fullmatch(typed)):
        raise InvalidField("phone", "must be a phone number, such as +1 555-010-0200 ext. 12")
    return typed


def _ascii(character: str) -> str:
    """A digit of any script as an ASCII one; a full-width sign as a plain one."""
    digit = unicodedata.decimal(character, None)
    return unicodedata.normalize("NFKC", character) if digit is None else str(digit)
