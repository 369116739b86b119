"""Networks of internet addresses, as settings give them."""

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address, ip_network


class Networks:
    """Some networks; single addresses are networks too.

    Args:
        texts: Such as `10.0.0.0/8`, `192.0.2.7` or `fd00::/8`; ValueError for anything else.
    """

    def __init__(self, *texts: str) -> None:
        self._networks = tuple(ip_network(text, strict=False) for text in texts)

    def __contains__(self, address: object) -> bool:
        """Whether `address`, a string, is an address in one of them."""
        try:
            found = ip_address(str(address))
        except ValueError:
            return False
        # What a socket for both kinds of addresses says of the older kind.
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self._networks)

    def __iter__(self) -> Iterator[str]:
        return map(str, self._networks)

    def __len__(self) -> int:
        return len(self._networks)


NO_NETWORKS = Networks()


def network_of(address: str) -> str:
    """What stands for the network of a client's address; empty where that is none.

    A subscriber's IPv6 addresses share their first 64 bits.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Address(int(parsed) >> 64 << 64))
    return address
