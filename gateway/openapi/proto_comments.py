"""The contract's comments, which descriptors at run time have not.

The build keeps them in `shop/descriptors.binpb`, a FileDescriptorSet with source info.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import files

import shop
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

_Path = tuple[int, ...]

# Numbers of the fields that a path in SourceCodeInfo goes through.
_MESSAGE, _ENUM, _SERVICE = 4, 5, 6
_MEMBER, _NESTED, _NESTED_ENUM = 2, 3, 4


def load_comments() -> Mapping[str, str]:
    """Full name -> the comment above a message, field, enum, value, service or RPC."""
    content = files(shop).joinpath("descriptors.binpb").read_bytes()
    return {
        name: comment
        for file in FileDescriptorSet.FromString(content).file
        for name, comment in _comments(file)
    }


def _comments(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    texts = {
        tuple(location.path): " ".join(location.leading_comments.split())
        for location in file.source_code_info.location
    }
    for name, path in _names(file):
        if text := texts.get(path):
            yield name, text


def _names(file: FileDescriptorProto) -> Iterator[tuple[str, _Path]]:
    for i, message in enumerate(file.message_type):
        yield from _message(message, f"{file.package}.{message.name}", (_MESSAGE, i))
    for i, enum in enumerate(file.enum_type):
        yield f"{file.package}.{enum.name}", (_ENUM, i)
        # Values are named beside their enum, not in it.
        for j, value in enumerate(enum.value):
            yield f"{file.package}.{value.name}", (_ENUM, i, _MEMBER, j)
    for i, service in enumerate(file.service):
        name = f"{file.package}.{service.name}"
        yield name, (_SERVICE, i)
        for j, method in enumerate(service.method):
            yield f"{name}.{method.name}", (_SERVICE, i, _MEMBER, j)


def _message(message: DescriptorProto, name: str, path: _Path) -> Iterator[tuple[str, _Path]]:
    yield name, path
    for i, field in enumerate(message.field):
        yield f"{name}.{field.name}", (*path, _MEMBER, i)
    for i, nested in enumerate(message.nested_type):
        yield from _message(nested, f"{name}.{nested.name}", (*path, _NESTED, i))
    for i, enum in enumerate(message.enum_type):
        yield f"{name}.{enum.name}", (*path, _NESTED_ENUM, i)
