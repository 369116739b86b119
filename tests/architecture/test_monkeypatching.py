"""What a test wants otherwise is an argument of what it tests, not a constant that it patches."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source_tree import ROOT, relative, tree_of


def test_no_constant_is_patched() -> None:
    patched = [
        f"{relative(file)}: {name}"
        for file in (ROOT / "tests").rglob("*.py")
        for name in patched_constants(file)
    ]
    assert not patched


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
