"""What `doctor` looks at, each check by itself: what it found, and what to do.

The servers' libraries are imported by the checks that use them: they would take more time than all
else at the start of every command.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import grpc
import httpx
from grpc_health.v1 import health_pb2, health_pb2_grpc
from shop.auth.v1 import auth_pb2
from shop.ops.v1 import system_pb2, system_pb2_grpc

from shopctl.failures import SIGN_IN, Failure
from shopctl.profile import Profile, short
from shopctl.session import Session, expiry_of

# As long as a check may take.
SECONDS = 3.0
# Tokens and signatures of webhooks are refused by clocks that are further apart.
MOST_SKEW_SECONDS = 5.0
# Events are published within a second; the sweep takes a few more.
LONGEST_WAIT_SECONDS = 60.0
STUCK = "shopctl outbox stuck"
UP = "`python3 noxfile.py -s up`"


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        check: What was looked at.
        state: What was found.
        detail: More of it, in one line.
        advice: What to do; empty where nothing is to be done.
    """

    check: str
    state: State
    detail: str = ""
    advice: str = ""


Check = Callable[[], Iterator[Finding]]


def token(session: Session) -> Iterator[Finding]:
    """Whether someone is signed in, and their token is accepted."""
    who = session.profile.sign_in
    if who is None:
        yield Finding("token", State.FAILED, "no one is signed in", SIGN_IN)
        return
    try:
        user = session.current_user()
        left = expiry_of(session.token()) - time.time()
    except Failure as failure:
        yield Finding("token", State.FAILED, str(failure), SIGN_IN)
        return
    detail = f"{user.email if user else who.client_id}, good for {left / 60:.0f} min"
    if user is not None and user.role != auth_pb2.ROLE_ADMIN:
        yield Finding("token", State.WARNING, f"{detail}, not an admin", "sign in as an admin")
    else:
        yield Finding("token", State.OK, detail)


def service(session: Session, name: str, address: str) -> Iterator[Finding]:
    """Whether a replica of a service serves calls, by gRPC's health protocol."""
    stub: Any = health_pb2_grpc.HealthStub(session.unexplained_channel(address))
    began = time.monotonic()
    try:
        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
    except grpc.RpcError as error:
        detail = f"{address}: {error.code().name}"
        yield Finding(name, State.FAILED, detail, f"start it; {_logs(session.profile, name)}")
        return
    milliseconds = (time.monotonic() - began) * 1000
    if answer.status == health_pb2.HealthCheckResponse.SERVING:
        yield Finding(name, State.OK, f"{address}, {milliseconds:.0f} ms")
    else:
        status = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
        advice = f"wait until it has started or ended; {_logs(session.profile, name)}"
        yield Finding(name, State.FAILED, f"{address}: {status}", advice)


def system(session: Session, name: str, channel: grpc.Channel) -> Iterator[Finding]:
    """What a replica of a service says of what it needs, and what waits in it."""
    try:
        stub = system_pb2_grpc.SystemServiceStub(channel)
        answer = stub.GetSystem(system_pb2.GetSystemRequest(), timeout=SECONDS)
    except Failure as failure:
        yield Finding(f"{name}: system", State.SKIPPED, str(failure))
        return
    for process in answer.processes:
        for check in process.checks:
            is_ok = check.state == "ok"
            advice = "" if is_ok else f"start or mend it; {_logs(session.profile, name)}"
            state = State.OK if is_ok else State.FAILED
            yield Finding(f"{name}: {check.name}", state, "" if is_ok else check.state, advice)
        yield from _waiting(name, process)


def _waiting(name: str, process: system_pb2.Process) -> Iterator[Finding]:
    """What a process cannot do, or has not done for long."""
    for breaker in process.circuit_breakers:
        if breaker.state != "closed":
            advice = f"look at {breaker.name}: calls to it fail at once until it answers a probe"
            yield Finding(
                f"{name}: circuit", State.WARNING, f"{breaker.name} {breaker.state}", advice
            )
    for outbox in process.outboxes:
        age = time.time() - outbox.oldest_at.seconds
        if outbox.entries and age > LONGEST_WAIT_SECONDS:
            detail = f"{outbox.collection}: {outbox.entries:,} events, for {age:.0f} s"
            yield Finding(f"{name}: outbox", State.WARNING, detail, f"see `{STUCK}`")
    service = name.partition("-")[0]
    for what, count, command in (
        ("dead letters", process.dead_letters, "dead-letters list"),
        ("rejected events", process.rejected_events, "outbox rejected"),
    ):
        if count:
            advice = f"see `shopctl {command} --service {short(service)}`"
            yield Finding(f"{name}: {what}", State.WARNING, f"{count:,}", advice)


def gateway(url: str) -> Iterator[Finding]:
    """Whether the gateway is ready, and its clock is that of this machine."""
    began = time.time()
    try:
        answer = httpx.get(f"{url}/api/ready", timeout=SECONDS)
        status = str(answer.json()["status"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        yield Finding(
            "gateway", State.FAILED, f"{url}: {_line(error)}", f"start it, such as by {UP}"
        )
        return
    ended = time.time()
    state = State.OK if answer.is_success else State.FAILED
    advice = "" if answer.is_success else "see what the services need below"
    yield Finding("gateway", state, f"{url}, {(ended - began) * 1000:.0f} ms, {status}", advice)
    yield from _clock(answer.headers.get("date", ""), began, ended)


def _clock(date: str, began: float, ended: float) -> Iterator[Finding]:
    try:
        there = parsedate_to_datetime(date).timestamp()
    except ValueError:
        yield Finding("clock", State.SKIPPED, "the gateway's answer has no date")
        return
    # What the header says was cut to seconds.
    skew = max(0.0, began - (there + 1), there - ended)
    at = f"{datetime.fromtimestamp(there, UTC):%H:%M:%SZ} there"
    if skew > MOST_SKEW_SECONDS:
        advice = "set the clocks by NTP: tokens and webhooks are refused"
        yield Finding("clock", State.FAILED, f"{skew:.0f} s apart, {at}", advice)
    else:
        yield Finding("clock", State.OK, f"at most {skew + 1:.0f} s apart, {at}")


def kafka(servers: str) -> Iterator[Finding]:
    """Whether a broker takes connections."""
    from chassis.kafka.clients import KafkaClients

    if KafkaClients(servers, "shopctl").answers():
        yield Finding("kafka", State.OK, servers)
    else:
        advice = "start Kafka; until then events wait in their outboxes, and nothing is lost"
        yield Finding("kafka", State.FAILED, f"{servers}: no connection", advice)


def mongodb(name: str, url: str) -> Iterator[Finding]:
    """Whether a database answers."""
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    check = f"mongodb: {name}"
    milliseconds = int(SECONDS * 1000)
    try:
        with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=milliseconds) as client:
            client.admin.command("ping")
    except PyMongoError as error:
        detail = f"{type(error).__name__}"
        yield Finding(check, State.FAILED, detail, "start MongoDB, or look at MONGODB_URL")
    else:
        yield Finding(check, State.OK)


def redis(url: str) -> Iterator[Finding]:
    """Whether Redis answers."""
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        with Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as client:
            client.ping()
    except (RedisError, ValueError) as error:
        advice = "start Redis; until then calls of signed-in users may be refused"
        yield Finding("redis", State.FAILED, _line(error), advice)
    else:
        yield Finding("redis", State.OK)


def http_server(name: str, url: str, advice: str) -> Iterator[Finding]:
    """Whether a server that speaks HTTP answers at all: without a key, it may refuse."""
    try:
        answer = httpx.get(url, timeout=SECONDS)
    except httpx.HTTPError as error:
        yield Finding(name, State.FAILED, f"{url}: {_line(error)}", advice)
        return
    state = State.FAILED if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else State.OK
    yield Finding(name, state, f"{url}: {answer.status_code}", "" if state is State.OK else advice)


def _logs(profile: Profile, name: str) -> str:
    return f"its log is {profile.shop}/logs/{name}.log" if profile.shop else "look at its log"


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
