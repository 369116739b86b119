"""How references serve: as the shop does, without its limits, its interceptors and its log."""

import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
import uvicorn
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from starlette.types import ASGIApp

from devstack.ports import LOOPBACK

Handler = Callable[[Any, grpc.aio.ServicerContext[Any, Any]], Awaitable[Any]]


def serve(app: ASGIApp, port: int) -> None:
    """Serve `app` until SIGTERM."""
    uvicorn.run(
        app,
        host=LOOPBACK,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
        backlog=8192,
    )


def method_of(name: str) -> tuple[MethodDescriptor, str]:
    """The descriptor of an RPC by its full name, and its path in gRPC."""
    service_name, _, method_name = name.rpartition(".")
    package = service_name.rpartition(".")[0]
    importlib.import_module(f"{package}.{package.split('.')[1]}_pb2")
    service = descriptor_pool.Default().FindServiceByName(service_name)
    return service.methods_by_name[method_name], f"/{service_name}/{method_name}"


async def serve_rpcs(port: int, handlers: Mapping[str, Handler]) -> None:
    """Serve RPCs, by their full names, over bare gRPC until SIGTERM."""
    server = grpc.aio.server()
    for name, handler in handlers.items():
        method, _ = method_of(name)
        served = grpc.unary_unary_rpc_method_handler(
            handler,
            GetMessageClass(method.input_type).FromString,
            GetMessageClass(method.output_type).SerializeToString,
        )
        service = {method.name: served}
        server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(name.rpartition(".")[0], service)]
        )
    server.add_insecure_port(f"{LOOPBACK}:{port}")
    await server.start()
    await server.wait_for_termination()
