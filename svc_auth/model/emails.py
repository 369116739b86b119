"""Emails: which are taken, and their one spelling."""

import unicodedata

from email_validator import EmailNotValidError, validate_email

from chassis.errors import InvalidField


def new_email(text: str, *, international: bool) -> str:
    """The one spelling of an email that an account is opened with.

    It is in lower case, its domain in the ASCII form of IDNA: `ann@xn--exmple-cua.com`. So two
    that look alike are either the same or seen to differ.

    Args:
        text: As typed.
        international: Whether what stands before the @ may hold others than ASCII letters.

    Raises:
        InvalidField: It cannot be an email, or is not taken.
    """
    try:
        return _normal(text, international=international)
    except EmailNotValidError as error:
        raise InvalidField("email", f"is not an email that we can take: {error}") from error


def spellings(text: str) -> list[str]:
    """Under what spellings the account of an email may be kept, the likeliest first.

    Accounts of before emails were looked at that closely are kept under what was typed.
    """
    as_typed = unicodedata.normalize("NFC", text.strip().lower())
    try:
        return list(dict.fromkeys([_normal(text, international=True), as_typed]))
    except EmailNotValidError:
        return [as_typed]


def _normal(text: str, *, international: bool) -> str:
    # A shop in a network of its own has domains of its own, such as `shop.test`.
    email = validate_email(
        unicodedata.normalize("NFKC", text.strip()),
        check_deliverability=False,
        allow_smtputf8=international,
        test_environment=True,
    )
    return f"{email.local_part.lower()}@{email.ascii_domain}"
