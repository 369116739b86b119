"""How many requests of each class are served at once: what comes beyond is refused, not queued.

A request counts from when its head is there until its answer begins, but not while its client is
waited for: who sends a body slowly, or does not read, keeps no one else out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from prometheus_client import Counter
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.contract import Rpc
from gateway.http.problems import Problem
from gateway.rate_limits import CLASSES, OFF, class_of

PAGE = "page"
WEBHOOK = "webhook"

LOAD_SHED = Counter("load_shed_requests", "Requests refused as too many are served.", ["class"])

Bounds = Mapping[str, int]
"""Class -> how many are served at once; what is not there is not bounded."""

_DEFAULTS: Bounds = {
    "read": 512,
    "write": 256,
    "checkout": 128,
    "upload": 32,
    "sign_in": 128,
    "sign_up": 128,
    WEBHOOK: 64,
    PAGE: 256,
}
# Shown from 0 on: what Prometheus has not seen before does not grow for it.
for _class in _DEFAULTS:
    LOAD_SHED.labels(_class)
_RULE = re.compile(rf"({'|'.join((*CLASSES, WEBHOOK, PAGE))}) ([1-9]\d{{0,8}})")
_SAFE = {"GET", "HEAD"}


def parse_bounds(raw: str) -> Bounds:
    """The bounds that a setting asks for: its rules in place of the defaults, or none for `off`.

    Raises:
        ValueError: It is malformed.
    """
    if raw.strip() == OFF:
        return {}
    bounds = dict(_DEFAULTS)
    for rule in filter(str.strip, raw.split(";")):
        match = _RULE.fullmatch(" ".join(rule.split()))
        if match is None:
            raise ValueError(rule)
        bounds[match[1]] = int(match[2])
    return bounds


DEFAULT_BOUNDS = parse_bounds("")

BoundsSetting = Annotated[Bounds, ("`off`, or rules such as `read 512; page 128`", parse_bounds)]


class Overloaded(Problem):
    """As many requests of the class are served as may be at once."""

    is_logged = False

    def __init__(self, name: str) -> None:
        super().__init__("UNAVAILABLE", "There are too many requests right now: try again soon.")
        LOAD_SHED.labels(name).inc()


class RequestClasses:
    """Tells the class of a request by its method and its path, before any route is looked for.

    Args:
        rpcs: The contract's.
    """

    def __init__(self, rpcs: Sequence[Rpc]) -> None:
        self._whole: dict[tuple[str, str], str] = {}
        self._patterns: list[tuple[str, re.Pattern[str], str]] = []
        for rpc in rpcs:
            name = class_of(rpc)
            for binding in rpc.bindings:
                if binding.verb in _SAFE:
                    continue
                if "{" in binding.template:
                    pattern = compile_path(binding.template)[0]
                    self._patterns.append((binding.verb, pattern, name))
                else:
                    self._whole[binding.verb, binding.template] = name

    def __call__(self, method: str, path: str) -> str:
        """The class of a request to the API."""
        if method in _SAFE:
            return "read"
        name = self._whole.get((method, path))
        if name is None:
            of_pattern = (
                name
                for verb, pattern, name in self._patterns
                if verb == method and pattern.match(path)
            )
            name = next(of_pattern, "write")
        return WEBHOOK if name == "unlimited" else name


class LoadShedding:
    """An ASGI layer that refuses requests beyond the bounds.

    Args:
        app: What answers.
        bounds: How many are served at once.
        class_of_request: The class of a request; None for one that is always served.
    """

    def __init__(
        self, app: ASGIApp, bounds: Bounds, class_of_request: Callable[[Scope], str | None]
    ) -> None:
        self._app = app
        self._free = dict(bounds)
        self._class_of = class_of_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            Overloaded: It is one too many.
        """
        name = self._class_of(scope)
        if name not in self._free:
            await self._app(scope, receive, send)
            return
        self._take(name)
        is_held, has_ended = True, False

        async def receive_meanwhile() -> Message:
            nonlocal is_held, has_ended
            if has_ended:
                return await receive()
            self._free[name] += 1
            is_held = False
            message = await receive()
            has_ended = not message.get("more_body", False)
            self._take(name)
            is_held = True
            return message

        async def send_freely(message: Message) -> None:
            nonlocal is_held, has_ended
            if is_held:
                self._free[name] += 1
            is_held, has_ended = False, True
            await send(message)

        try:
            await self._app(scope, receive_meanwhile, send_freely)
        finally:
            if is_held:
                self._free[name] += 1

    def _take(self, name: str) -> None:
        if self._free[name] <= 0:
            raise Overloaded(name)
        self._free[name] -= 1
