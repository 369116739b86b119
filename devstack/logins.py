"""The demo users whose logins are shown at the end of a start."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Login:
    """What to type into the sign-in form."""

    email: str
    password: str = field(repr=False)


ADMIN = Login("admin@shop.example", "admin-of-the-demo-shop")
SHOPPER = Login("shopper@shop.example", "shopper-of-the-demo-shop")

LOGINS: Mapping[str, Login] = {"admin": ADMIN, "shopper": SHOPPER}
