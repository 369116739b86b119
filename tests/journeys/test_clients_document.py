"""docs/clients.md: everything in it is tried as it is written."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.support.people import Shop

DOCUMENT = ROOT / "docs" / "clients.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 240


def script() -> str:
    """All blocks as one shell script, which ends where one fails."""
    parts = ["set -euo pipefail"]
    for number, (language, text) in enumerate(BLOCK.findall(DOCUMENT.read_text())):
        assert language in {"sh", "python"}, language
        parts.append(f"echo '== block {number}'")
        parts.append(text if language == "sh" else f"python - <<'PYTHON'\n{text}PYTHON")
    return "\n".join(parts)


def environment(shop: Shop, folder: Path) -> dict[str, str]:
    """Of a shell in which the tools are found that the document uses."""
    path = [sysconfig.get_path("scripts"), os.environ["PATH"]]
    if shutil.which("grpcurl") is None:
        stand_in = folder / "bin" / "grpcurl"
        stand_in.parent.mkdir()
        source = ROOT / "tests" / "support" / "grpcurl.py"
        stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{source}" "$@"\n')
        stand_in.chmod(0o755)
        path.append(str(stand_in.parent))
    return os.environ | {
        "PATH": os.pathsep.join(path),
        "SHOP": shop.url,
        "DATA": str(shop.data),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }


@pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("jq") is None, reason="needs curl and jq"
)
def test_all_examples_work_as_written(shop: Shop, tmp_path: Path) -> None:
    ran = subprocess.run(
        ["bash", "-c", script()],
        cwd=tmp_path,
        env=environment(shop, tmp_path),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    blocks = ran.stdout.split("== block ")[1:]
    assert len(blocks) == len(BLOCK.findall(DOCUMENT.read_text()))
    for expected in (
        *("order.created", "404\nNOT_FOUND", '"VALIDATION_FAILED"', "order.cancelled"),
        *("shop.catalog.v1.CatalogService", "SERVING", "product_id", "'order.cancelled'"),
        *("admin@shop.example", "calls a second"),
    ):
        assert expected in ran.stdout, f"{expected}\n{ran.stdout}"
