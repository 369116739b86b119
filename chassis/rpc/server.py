"""The gRPC server of a service: its servicers, health, and reflection."""

from collections.abc import Callable
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from chassis.process import StartError, taken
from chassis.rpc.guard import Guard, Guarded
from chassis.rpc.status import METADATA_OPTIONS

# Clients look their peers up when they connect, so this long new replicas may wait for calls.
# Calls and streams under way may end in their own time.
MAX_CONNECTION_AGE_MS = 300_000


class RpcServer:
    """Serves servicers behind a guard.

    Args:
        guard: Who may call what.
        max_connection_age_ms: After how long clients have to connect anew.
    """

    def __init__(self, guard: Guard, max_connection_age_ms: int = MAX_CONNECTION_AGE_MS) -> None:
        options = (
            # Two processes on one port would share its calls unnoticed.
            ("grpc.so_reuseport", 0),
            ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
            ("grpc.max_connection_age_ms", max_connection_age_ms),
            *METADATA_OPTIONS,
        )
        self._server = grpc.aio.server(options=options)
        self._guarded = Guarded(self._server, guard)
        self._health = health.aio.HealthServicer()
        self.add(health_pb2_grpc.add_HealthServicer_to_server, self._health)

    def add(self, add_to_server: Callable[[Any, Any], None], servicer: Any) -> None:
        """Serve `servicer` too; `add_to_server` is the generated function for it."""
        add_to_server(servicer, self._guarded)

    async def start(self, host: str, port: int) -> None:
        """Listen and serve.

        Raises:
            StartError: The port cannot be had.
        """
        names = self._guarded.names
        reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], self._server)
        try:
            self._server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            raise StartError(taken("GRPC_PORT", host, port)) from error
        await self._server.start()
        for name in ("", *names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, grace: float) -> None:
        """Take no more calls, and finish those under way within `grace` seconds."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace)
