"""What docs/clients.md uses of grpcurl, for machines without it, by the same reflection.

grpcurl -plaintext [-max-time S] [-H 'name: value'] [-d JSON] ADDRESS list
grpcurl ... ADDRESS describe MESSAGE
grpcurl ... ADDRESS package.Service/Method
"""

import argparse
import sys
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)


def main() -> None:
    """Do what is asked."""
    parser = argparse.ArgumentParser(prog="grpcurl")
    parser.add_argument("-plaintext", action="store_true", required=True)
    parser.add_argument("-max-time", type=float)
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d", default="{}")
    parser.add_argument("address")
    parser.add_argument("what")
    parser.add_argument("name", nargs="?")
    given = parser.parse_args()
    with grpc.insecure_channel(given.address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        if given.what == "list":
            say("\n".join(sorted(database.get_services())))
            return
        pool = DescriptorPool(database)
        if given.what == "describe":
            for field in pool.FindMessageTypeByName(given.name).fields:
                say(f"{field.name} = {field.number}")
            return
        service, _, method_name = given.what.partition("/")
        method = pool.FindServiceByName(service).methods_by_name[method_name]
        call: Any = channel.unary_unary(
            f"/{given.what}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        request = json_format.Parse(given.d, GetMessageClass(method.input_type)())
        metadata = [tuple(header.split(": ", 1)) for header in given.H]
        answer = call(request, timeout=given.max_time, metadata=metadata)
        say(json_format.MessageToJson(answer, preserving_proto_field_name=True))


def say(text: str) -> None:
    """Print a text."""
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
