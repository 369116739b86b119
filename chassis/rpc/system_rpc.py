"""shop.ops.v1 of a process: how it is."""

from typing import Any

from shop.ops.v1 import system_pb2, system_pb2_grpc

from chassis.rpc.process_report import ProcessReport


class SystemRpc(system_pb2_grpc.SystemServiceServicer):
    """shop.ops.v1.SystemService."""

    def __init__(self, report: ProcessReport) -> None:
        self._report = report

    async def GetSystem(
        self, request: system_pb2.GetSystemRequest, context: Any
    ) -> system_pb2.GetSystemResponse:
        return system_pb2.GetSystemResponse(processes=[await self._report()])
