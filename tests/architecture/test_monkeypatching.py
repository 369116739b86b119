"""What a test wants otherwise is an argument of what it tests, not a constant that it patches."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source_tree import ROOT, relative, tree_of

# Limits that are constants still. What is added here was not made an argument.
NOT_YET = {
    "tests/contract/gateway/test_connections.py: BODY_SECONDS",
    "tests/contract/gateway/test_connections.py: _REQUEST_SECONDS",
    "tests/contract/gateway/test_connections.py: _SECONDS",
    "tests/contract/gateway/test_connections.py: _STALL_SECONDS",
    "tests/contract/gateway/test_edge.py: _HEAD_SECONDS",
    "tests/contract/gateway/test_edge.py: _KEEP_ALIVE_SECONDS",
    "tests/unit/gateway/test_cache.py: COMPRESS",
    "tests/unit/gateway/test_live.py: BACKOFF",
    "tests/unit/gateway/test_live_resume.py: BACKOFF",
    "tests/unit/gateway/test_live_resume.py: MAX_MISSED",
    "tests/unit/gateway/test_pages.py: BODY_SECONDS",
}


def test_no_constant_is_patched() -> None:
    patched = {
        f"{relative(file)}: {name}"
        for file in (ROOT / "tests").rglob("*.py")
        for name in patched_constants(file)
    }
    assert patched == NOT_YET


def patched_constants(file: Path) -> Iterator[str]:
    """The constants that a file sets with `monkeypatch.setattr`."""
    for node in ast.walk(tree_of(file)):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="setattr", value=ast.Name(id="monkeypatch")),
                args=[ast.Constant(value=str(path)), _] | [_, ast.Constant(value=str(path)), _],
            ):
                name = path.rpartition(".")[2]
                if name.isupper():
                    yield name
