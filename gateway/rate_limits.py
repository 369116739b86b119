"""How often a caller may call: a limit for each class of the contract and each who is counted.

A caller is counted as a session and as an account where someone is signed in, and always as the
network that the request came from: a subscriber's IPv6 addresses share their first 64 bits.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from limits import RateLimitItem, parse
from prometheus_client import Counter
from shop.options.v1 import options_pb2

from chassis.auth.identity import Identity
from chassis.resilience.rate_limits import RateLimits, Usage
from chassis.settings.networks import network_of
from gateway.contract import Rpc
from gateway.http.problems import Headers, Problem

CLASSES = ("read", "write", "checkout", "upload", "sign_in", "sign_up")
KEYS = ("session", "account", "network")
OFF = "off"

RATE_LIMITED = Counter(
    "rate_limited_requests", "Requests refused as their caller made too many.", ["class", "by"]
)

Policy = Mapping[tuple[str, str], RateLimitItem]
"""(class, who is counted) -> what they may do; what is not there is not limited."""

_RATE = r"[1-9]\d{0,8}/(?:[1-9]\d* ?)?(?:second|minute|hour|day)"
_RULE = re.compile(rf"({'|'.join(CLASSES)}) ({'|'.join(KEYS)}) ({_RATE})")
_DEFAULTS = """
    read session 1200/minute; read account 2400/minute; read network 12000/minute;
    write session 240/minute; write account 480/minute; write network 2400/minute;
    checkout session 30/minute; checkout account 60/minute; checkout network 600/minute;
    upload session 300/minute; upload account 600/minute; upload network 1200/minute;
    sign_in network 60/minute; sign_up network 60/hour
"""


def parse_policy(raw: str) -> Policy:
    """The policy that a setting asks for: its rules in place of the defaults, or none for `off`.

    Raises:
        ValueError: It is malformed.
    """
    if raw.strip() == OFF:
        return {}
    policy: dict[tuple[str, str], RateLimitItem] = {}
    for rule in (*_DEFAULTS.split(";"), *raw.split(";")):
        if not rule.strip():
            continue
        match = _RULE.fullmatch(" ".join(rule.split()))
        if match is None:
            raise ValueError(rule)
        policy[match[1], match[2]] = parse(match[3])
    return policy


DEFAULT_POLICY = parse_policy("")
# Shown from 0 on: what Prometheus has not seen before does not grow for it.
for _limited in DEFAULT_POLICY:
    RATE_LIMITED.labels(*_limited)

PolicySetting = Annotated[
    Policy,
    ("`off`, or rules such as `sign_up network 60/hour; read session 1200/minute`", parse_policy),
]


class CallerLimits:
    """The limits of callers.

    Args:
        policy: What they may do.
        counted: What they have done.
    """

    def __init__(self, policy: Policy, counted: RateLimits) -> None:
        self._policy = policy
        self._counted = counted

    def of(self, rpc: Rpc) -> "RpcLimits | None":
        """Those of an RPC; None where it has none."""
        name = class_of(rpc)
        rules = [(who, limit) for (each, who), limit in self._policy.items() if each == name]
        return RpcLimits(name, rules, self._counted) if rules else None


class RpcLimits:
    """The limits of one RPC."""

    def __init__(
        self, name: str, rules: list[tuple[str, RateLimitItem]], counted: RateLimits
    ) -> None:
        self._name = name
        self._rules = rules
        self._counted = counted

    async def admit(self, caller: Identity, address: str) -> Headers:
        """Count one more call.

        Args:
            caller: Who makes it; processes of the shop are not limited.
            address: Where the request came from.

        Returns:
            Headers that tell what is left, of the limit that is nearest.

        Raises:
            Problem: It is once too often.
        """
        if caller.kind == "service":
            return []
        nearest: Usage | None = None
        for who, limit in self._rules:
            key = _key_of(who, caller, address)
            if key:
                usage = await self._counted.hit(limit, f"{self._name}/{who}/{key}")
                if usage.is_over:
                    RATE_LIMITED.labels(self._name, who).inc()
                    raise _problem(who, limit, usage)
                if nearest is None or usage.remaining < nearest.remaining:
                    nearest = usage
        if nearest is None:
            return []
        return [(name.encode(), value.encode()) for name, value in _headers(nearest)]


def class_of(rpc: Rpc) -> str:
    """Name of an RPC's class, such as `sign_in`."""
    given = options_pb2.RateClass.Name(rpc.rules.rate_class)
    name = given.removeprefix("RATE_CLASS_").lower()
    if name == "unspecified":
        return "write" if rpc.has_side_effects else "read"
    return name


def _key_of(who: str, caller: Identity, address: str) -> str:
    if who == "session":
        return caller.session_id
    if who == "account":
        return caller.id if caller.kind == "user" else ""
    return network_of(address)


def _headers(usage: Usage) -> Iterator[tuple[str, str]]:
    yield "ratelimit-limit", str(usage.limit)
    yield "ratelimit-remaining", str(usage.remaining)
    yield "ratelimit-reset", str(usage.reset)


def _problem(who: str, limit: RateLimitItem, usage: Usage) -> Problem:
    counted = {"session": "in one session", "account": "by one account"}
    where = counted.get(who, "from one network")
    times = "call" if limit.amount == 1 else "calls"
    return Problem(
        "RATE_LIMITED",
        f"At most {limit.amount:,} such {times} may be made {where} in {_length_of(limit)}.",
        headers=dict(_headers(usage)) | {"Retry-After": str(usage.reset)},
    )


def _length_of(limit: RateLimitItem) -> str:
    name = limit.GRANULARITY.name
    return f"one {name}" if limit.multiples == 1 else f"{limit.multiples} {name}s"
