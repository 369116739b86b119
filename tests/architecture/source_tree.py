"""The project's source as the architecture tests read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("svc_auth", "svc_catalog", "svc_cart", "svc_orders", "svc_payments", "svc_notify")
PRODUCT = ("chassis", "gateway", "ui", "devstack", "shop_client", "shopctl", *SERVICES)


def files_of(package: str) -> list[Path]:
    """Every Python file of a package below the root."""
    return sorted((ROOT / package).rglob("*.py"))


def product_files() -> list[Path]:
    """Every Python file that is not a test."""
    return [file for package in PRODUCT for file in files_of(package)]


def relative(file: Path) -> str:
    """A file as messages name it."""
    return file.relative_to(ROOT).as_posix()


def tree_of(file: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(file.read_text(), str(file))


def imports_of(file: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it, and what it takes from them."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def texts_of(file: Path) -> Iterator[str]:
    """The string constants of a file, without its docstrings."""
    tree = tree_of(file)
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
        ):
            yield node.value


def calls_of(file: Path) -> Iterator[str]:
    """The names of the methods and functions that a file calls."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.func.id
