"""Builds the typed Python stubs of the contract: a hatchling build hook, and a command.

The stubs (`shop.<context>.v1.*_pb2`, `*_pb2_grpc` and their `.pyi`) go to `build/stubs`, which an
editable install puts on the path and a wheel takes in; beside them `shop/descriptors.binpb`, the
contract with its comments, which the OpenAPI document is made from. After a change of a `.proto`
file, `python proto/build_stubs.py` builds them again.
"""

import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "proto"
STUBS = ROOT / "build" / "stubs"
GOOGLEAPIS = ROOT / "build" / "googleapis"


class StubsHook(BuildHookInterface[Any]):
    """Builds the stubs before a wheel or an editable install is made."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the stubs, and name them to hatchling as part of the wheel."""
        build_stubs()
        if version != "editable":
            build_data["force_include"][str(STUBS / "shop")] = "shop"


def build_stubs() -> None:
    """Generate all stubs anew.

    Raises:
        SystemExit: protoc refuses a file; its own message is on stderr.
    """
    from grpc_tools import protoc

    sources = sorted(str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.proto"))
    google = Path(str(files("google") / "api")).parent.parent
    fresh = STUBS.with_name("stubs.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    status = protoc.main(
        [
            "protoc",
            f"--proto_path={SOURCE}",
            f"--proto_path={google}",
            f"--proto_path={files('grpc_tools') / '_proto'}",
            f"--python_out={fresh}",
            f"--grpc_python_out={fresh}",
            f"--mypy_out={fresh}",
            f"--mypy_grpc_out={fresh}",
            f"--descriptor_set_out={fresh / 'descriptors.binpb'}",
            "--include_source_info",
            *sources,
        ]
    )
    if status != 0:
        raise SystemExit(status)
    for folder in [fresh / "shop", *(fresh / "shop").rglob("*/")]:
        (folder / "__init__.py").touch()
    (fresh / "shop" / "py.typed").touch()
    (fresh / "descriptors.binpb").rename(fresh / "shop" / "descriptors.binpb")
    shutil.rmtree(STUBS, ignore_errors=True)
    fresh.rename(STUBS)
    _copy_googleapis(google)


def _copy_googleapis(google: Path) -> None:
    """Put the few Google files that ours import where buf finds them without a network."""
    for name in ("api/annotations", "api/http", "api/httpbody", "rpc/code"):
        target = GOOGLEAPIS / "google" / f"{name}.proto"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(google / "google" / f"{name}.proto", target)


if __name__ == "__main__":
    build_stubs()
