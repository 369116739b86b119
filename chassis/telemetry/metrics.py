"""Metrics of this process, for Prometheus: what is counted, and what is asked for when it scrapes.

Each is a constant of the module that knows its values. What is counted is a `Counter` or a
`Histogram` of prometheus-client; what some server knows is a `Measured`, which is asked for before
a scrape is answered, and never otherwise.

No label has values without bounds: routes and not paths, reasons and not sentences, no ids.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from time import monotonic

import structlog
from prometheus_client import REGISTRY, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from chassis.tasks import SingleFlight, in_thread
from chassis.telemetry import traces

log = structlog.get_logger(__name__)

# Prometheus asks every 15 s, and now and then a little early.
FRESH_SECONDS = 14.0
# Less than the 10 s that Prometheus waits for an answer.
ANSWER_SECONDS = 5.0
# Of what a shopper waits for: steps of about two, with the limits of the service levels among them.
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# How late the event loop is, is looked at so seldom that a process at rest stays so.
LOOK_SECONDS = 1.0
LOOP_LAG = Histogram(
    "event_loop_lag_seconds",
    "How late the event loop ran what was due, which holds up every request; each second.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)
BUILD = Gauge("build_info", "What runs; always 1.", ["process", "version"])

_is_on = True
disable_created_metrics()  # type: ignore[no-untyped-call]


def configure(process: str, *, is_on: bool) -> None:
    """Keep metrics in the name of `process`, or none that cost something with each request."""
    global _is_on  # noqa: PLW0603 - as the registry itself, one for the process
    _is_on = is_on
    BUILD.clear()
    BUILD.labels(process, version_of_shop()).set(1)


def are_on() -> bool:
    """Whether metrics are kept; it does not change once a process serves."""
    return _is_on


def exemplar() -> dict[str, str] | None:
    """What an observation points at: the trace of what is done now, where it is exported."""
    ids = traces.current_ids()
    return {"trace_id": ids.trace_id} if ids is not None and ids.is_sampled else None


async def watch_loop(every: float = LOOK_SECONDS) -> None:
    """Look how late the event loop is, with so many seconds between, until it is cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + every
        await asyncio.sleep(every)
        LOOP_LAG.observe(max(0.0, loop.time() - due))


class Measured(Collector):
    """A gauge whose values are asked for before a scrape; what cannot be known is not shown.

    Args:
        name: As Prometheus spells it.
        documentation: One line.
        labels: Their names.

    Attributes:
        name: As above.
        labels: As above.
        values: Label values -> value; empty where it is not known.
    """

    def __init__(self, name: str, documentation: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self.values: Mapping[tuple[str, ...], float] = {}
        self._documentation = documentation
        self.labels = labels
        REGISTRY.register(self)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Its name, for the registry."""
        yield GaugeMetricFamily(self.name, self._documentation, labels=self.labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Its values, for the registry."""
        for family in self.describe():
            for labels, value in self.values.items():
                family.add_metric(labels, value)
            yield family


Question = Callable[[], Awaitable[None]]
"""Sets the values of some `Measured`; raises where they cannot be known."""


class Scrapes:
    """What Prometheus is answered.

    Args:
        fresh_seconds: For how long nothing is asked again.
        clock: Seconds.
    """

    def __init__(
        self, fresh_seconds: float = FRESH_SECONDS, clock: Callable[[], float] = monotonic
    ) -> None:
        self._fresh_seconds = fresh_seconds
        self._questions: list[tuple[Collection[Measured], Question]] = []
        self._clock = clock
        self._asked_at = float("-inf")
        self._ask = SingleFlight(self._ask_now)

    def ask(self, gauges: Collection[Measured], question: Question) -> None:
        """Ask `question`, which sets `gauges`, before a scrape, unless it was just asked."""
        self._questions.append((gauges, question))

    async def answer(self, accept: str) -> tuple[str, bytes]:
        """The media type and the body of an answer to a client that accepts such types."""
        if self._clock() - self._asked_at >= self._fresh_seconds:
            await self._ask()
        encode, media_type = choose_encoder(accept)
        # Some milliseconds, during which requests go on.
        return media_type, await in_thread(lambda: encode(REGISTRY), "metrics")

    async def _ask_now(self) -> None:
        self._asked_at = self._clock()
        await asyncio.gather(*(_answered(*each) for each in self._questions))


async def _answered(gauges: Collection[Measured], question: Question) -> None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await question()
    except Exception as error:  # noqa: BLE001 - whatever it is, the other metrics are shown
        for gauge in gauges:
            gauge.values = {}
        log.warning(
            "not measured", metrics=[gauge.name for gauge in gauges], error=type(error).__name__
        )


def version_of_shop() -> str:
    """The version that is installed."""
    try:
        return version("shop")
    except PackageNotFoundError:
        return "unknown"
