"""The gateway's app, put together, and the connections that it is asked by."""

import asyncio
from collections import ChainMap
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.http.compression import Compressed
from chassis.http.probes import Check, Probes
from chassis.http.protocol import LimitedHttp, ReadyAnswer
from chassis.http.request_meters import with_request_metrics
from chassis.http.request_spans import with_request_spans
from chassis.http.server import DEFAULT_LIMITS, HttpLimits
from chassis.ids import new_id
from chassis.resilience.backoff import DEFAULT_BACKOFF, Backoff
from chassis.rpc.logs_rpc import LogRpc
from chassis.rpc.process_report import ProcessReport
from chassis.rpc.system_rpc import SystemRpc
from chassis.tasks import cancel
from chassis.telemetry.log_levels import levels
from gateway.cache.changes import Changes
from gateway.cache.layers import KeptResponses, ResponseFiller
from gateway.cache.rules import kept_paths, purges_of_events
from gateway.cache.store import Entries
from gateway.contract import load_rpcs
from gateway.dependencies import CLIENT_ID, Dependencies, connect
from gateway.health import PROBES, health_routes
from gateway.http.credentials import CookieJar, Credentials
from gateway.http.middleware import ErrorMiddleware, security_headers
from gateway.http.origin import OriginCheck
from gateway.http.problems import Headers, Problem
from gateway.live import frames
from gateway.live.endpoint import LiveEndpoint
from gateway.live.hub import Hub
from gateway.live.registry import Registry
from gateway.live.subscriber import Subscriber
from gateway.load_shedding import PAGE, LoadShedding, RequestClasses
from gateway.openapi.pages import docs_routes
from gateway.protojson.decode import Decoders
from gateway.protojson.encode import Encoders
from gateway.rate_limits import CallerLimits
from gateway.settings import Settings
from gateway.transcoding.fan_out import GATEWAY
from gateway.transcoding.operation import OperationContext
from gateway.transcoding.routes import Routes, operations_of, routes_of
from gateway.ui_mount import IN_PROCESS, Pages, load_pages

GET_SYSTEM = "shop.ops.v1.SystemService.GetSystem"
GET_LOG_LEVEL = "shop.ops.v1.LogService.GetLogLevel"
SET_LOG_LEVEL = "shop.ops.v1.LogService.SetLogLevel"


class Gateway(NamedTuple):
    """The gateway's app, and how it is for those who probe this process alone."""

    app: ASGIApp
    probes: Probes


def create_app(settings: Settings, limits: HttpLimits = DEFAULT_LIMITS) -> Gateway:
    """The gateway that talks to the real services.

    Raises:
        StartError: A setting names something that is not there.
    """
    return build_app(settings, lambda encoders: connect(settings, encoders), limits)


def build_app(
    settings: Settings,
    reach: Callable[[Encoders], Dependencies],
    limits: HttpLimits = DEFAULT_LIMITS,
    live_backoff: Backoff = DEFAULT_BACKOFF,
) -> Gateway:
    """The gateway.

    Args:
        settings: Its settings.
        reach: Makes the world dependencies, given the JSON encoders.
        limits: How long a body may take.
        live_backoff: Between streams of live messages that failed.

    Raises:
        StartError: A setting names something that is not there.
    """
    encoders = Encoders()
    dependencies = reach(encoders)
    cookies = CookieJar(settings.is_secure)
    proxies = settings.trusted_proxies
    credentials = Credentials(cookies, lambda hop: hop == IN_PROCESS or hop in proxies)
    public = [settings.public_url] if settings.public_url else []
    origins = OriginCheck([*public, *settings.allowed_origins])
    entries = Entries(settings.edge_cache_bytes)
    purges = purges_of_events()
    changes = Changes(entries, purges)
    watched: ChainMap[str, Check] = ChainMap({"events": changes.check}, dependencies.watched)
    system = SystemRpc(ProcessReport(GATEWAY, settings, dependencies.checks, watched))
    logs = LogRpc(GATEWAY, levels)
    rpcs = load_rpcs()
    operations = operations_of(
        rpcs,
        OperationContext(
            calls=dependencies.calls,
            encoders=encoders,
            decoders=Decoders(),
            cookies=cookies,
            credentials=credentials,
            origins=origins,
            verifier=dependencies.verifier,
            limits=CallerLimits(settings.rate_limits, dependencies.counted),
            purge=entries.purge,
            own={
                GET_SYSTEM: lambda request: system.GetSystem(request, None),
                GET_LOG_LEVEL: lambda request: logs.GetLogLevel(request, None),
                SET_LOG_LEVEL: lambda request: logs.SetLogLevel(request, None),
            },
            read_timeout=settings.read_timeout,
            write_timeout=settings.write_timeout,
            upload_timeout=settings.upload_timeout,
        ),
    )
    hub, registry = Hub(dependencies.message_log), Registry(settings.sockets_per_network)
    subscriber = Subscriber(dependencies.message_log, hub, live_backoff)
    live = LiveEndpoint(
        hub, dependencies.message_log, registry, dependencies.verify, credentials, origins
    )
    routes: list[Route | WebSocketRoute] = [
        *health_routes(
            dependencies.checks,
            watched,
            dependencies.services,
            lambda: subscriber.is_up,
            lambda head: credentials.is_operator(head, dependencies.verify),
        ),
        *routes_of(operations),
        *docs_routes(operations, cookies),
        WebSocketRoute("/ws/notifications", live),
    ]
    base_url = settings.public_url or f"http://{settings.host}:{settings.port}"

    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        await edge(scope, receive, send)

    mounted = None if settings.mount is None else load_pages(settings.mount, api, base_url)
    router = Routes(routes)
    pages = Pages(mounted, router, origins)
    filler = ResponseFiller(
        Compressed(pages),
        pages,
        entries,
        host=urlsplit(base_url).netloc,
        security=security_headers(is_secure=settings.is_secure),
        public=kept_paths(rpcs),
        guests=pages.guests,
    )
    classes = RequestClasses(rpcs)

    def class_of_request(scope: Scope) -> str | None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            return None
        client = scope.get("client")
        if client is not None and client[0] == IN_PROCESS:
            return None  # what a page asks for is part of the page
        return PAGE if pages.have(scope) else classes(scope["method"], scope["path"])

    shedding = LoadShedding(filler, settings.requests_at_once, class_of_request)
    answering = ErrorMiddleware(shedding, settings.is_secure, limits.body)
    counted = with_request_spans(with_request_metrics(answering), PROBES)
    edge = KeptResponses(counted, entries, pages.guests)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack, pages.lifespan():
            stack.push_async_callback(dependencies.close)
            stack.push_async_callback(hub.close)
            tasks = [
                asyncio.create_task(subscriber.run()),
                asyncio.create_task(dependencies.hear_revocations(registry)),
                asyncio.create_task(dependencies.hear_changes(purges.keys(), changes)),
            ]
            yield
            registry.close_all(frames.SERVICE_RESTART)
            await cancel(tasks)

    router.lifespan_context = lifespan
    return Gateway(edge, Probes(CLIENT_ID, dependencies.checks, watched))


class GatewayHttp(LimitedHttp):
    """A connection with limits, which answers at once what is kept.

    What is not HTTP is answered with a problem document too.
    """

    def ready_answer(self, scope: Scope) -> ReadyAnswer | None:
        """What is kept for a request; None where the app is to answer it."""
        app = self.app
        return app.ready(scope) if isinstance(app, KeptResponses) else None

    def refusal(self, sentence: str) -> tuple[Headers, bytes]:
        """Headers and body of the problem document; it has an id to ask about it."""
        _, headers, body = Problem("VALIDATION_FAILED", sentence).response("", new_id())
        return headers, body
