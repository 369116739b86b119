"""The wheel `shop-protos`: what other programs install."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from shop.auth.v1 import auth_pb2_grpc

from tests.architecture.source_tree import ROOT

USE = """
import sys
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc
import shop_client
channel = shop_client.open_channel("127.0.0.1:1", lambda: "token")
stub = catalog_pb2_grpc.CatalogServiceStub(channel)
assert catalog_pb2.GetProductRequest(product_id="p").product_id == "p"
channel.close()
print(shop_client.__file__, auth_pb2.__file__, sep="\\n")
print(*sorted(set(sys.modules) & {"chassis", "gateway", "devstack", "shopctl"}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: the build makes the stubs anew, which other tests use."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("proto", "shop_client"):
        shutil.copytree(ROOT / name, copy / name)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(copy / "dist")]
    # protoc runs its plugins by name.
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    built = subprocess.run(
        command,
        cwd=copy / "proto",
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    [found] = (copy / "dist").glob("shop_protos-*.whl")
    return found


def test_it_holds_the_typed_stubs_and_the_client_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {
        *("shop", "shop_client", "shop_protos"),
    }
    assert {"shop/py.typed", "shop_client/py.typed", "shop/auth/v1/auth_pb2.pyi"} <= set(names)


def test_it_works_where_nothing_of_the_shop_is(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    zipfile.ZipFile(wheel).extractall(purelib)
    # What it depends on comes from here; what is editable here does not, as no .pth is read.
    dependencies = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib")}
    used = subprocess.run(
        [python, "-c", USE],
        cwd=tmp_path,
        env=dependencies,
        capture_output=True,
        text=True,
        check=False,
    )
    assert used.returncode == 0, used.stderr
    client, stubs, foreign = used.stdout.split("\n")[:3]
    assert client.startswith(purelib)
    assert stubs.startswith(purelib)
    assert foreign == ""


def test_it_asks_for_versions_that_the_stubs_take(wheel: Path) -> None:
    [metadata] = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("METADATA")]
    lines = zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
    wanted = {
        requirement.name: str(requirement.specifier)
        for line in lines
        if line.startswith("Requires-Dist: ")
        for requirement in [Requirement(line.removeprefix("Requires-Dist: "))]
    }
    assert wanted["grpcio"] == f">={auth_pb2_grpc.GRPC_GENERATED_VERSION}"
    stubs = (Path(auth_pb2_grpc.__file__).parent / "auth_pb2.py").read_text()
    numbers = stubs.partition("Domain.PUBLIC,")[2].split(",")[:3]
    assert wanted["protobuf"] == f">={'.'.join(number.strip() for number in numbers)}"
