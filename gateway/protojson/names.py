"""Names of fields as JSON spells them."""

import re

_UNDERSCORE = re.compile(r"_([a-z0-9])")


def camel_case(path: str) -> str:
    """`items[0].product_id` -> `items[0].productId`: a path in the contract as JSON spells it."""
    return _UNDERSCORE.sub(lambda match: match[1].upper(), path)


def short_enum_names(prefix_of: str, names: list[str]) -> dict[str, str]:
    """Full name -> short lower-case name of an enum's values.

    Args:
        prefix_of: The enum's name: `OrderStatus` prefixes its values with `ORDER_STATUS_`.
        names: Its values' names.
    """
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", prefix_of).upper() + "_"
    return {name: name.removeprefix(prefix).lower() for name in names}
