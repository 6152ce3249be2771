"""The house style, measured: sizes, nesting, and the few things that are never written here."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "wagtail_live_lms"
SOURCES = (PACKAGE, ROOT / "jupyter_extension" / "src")
OWN_PACKAGES = {"wagtail_live_lms", "jupyter_live_lms"}

FUNCTION_MEDIAN = 10
FUNCTION_P90 = 25
FUNCTION_MAX = 50
FILE_P90 = 250
FILE_MAX = 500
NESTING_MAX = 3
# Lines of code in the runtime: no blank lines, comments, docstrings or imports.
LIVE_MAX = 1770

BROADCASTS = {"broadcast", "broadcast_many"}
# Modules outside live/ and actions/ that may call one of them, each with the reason.
BROADCAST_RECEIVERS: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Block = ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.Match


@cache
def trees() -> dict[Path, ast.Module]:
    paths = [path for source in SOURCES for path in sorted(source.rglob("*.py"))]
    return {path: ast.parse(path.read_text()) for path in paths if "migrations" not in path.parts}


def functions() -> Iterator[tuple[str, Function]]:
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def percentile(values: list[int], share: float) -> int:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def nesting(node: ast.AST, depth: int = 0) -> int:
    """The deepest block inside a function; `elif` is no deeper than its `if`."""
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.Lambda | ast.ClassDef):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        below = depth + 1 if isinstance(child, Block) and not is_elif else depth
        deepest = max(deepest, nesting(child, below))
    return deepest


def code_lines(path: Path) -> int:
    """Lines that hold code: no blank lines, comments, docstrings or imports."""
    tree = trees()[path]
    left_out: set[int] = set()
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, ast.Import | ast.ImportFrom):
            left_out |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and number not in left_out
        for number, line in enumerate(path.read_text().splitlines(), 1)
    )


def called_name(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def templates() -> list[Path]:
    folders = (PACKAGE, ROOT / "example_site")
    return [path for folder in folders for path in sorted(folder.rglob("*.html"))]


def found_in_templates(pattern: str) -> list[str]:
    search = re.compile(pattern, re.IGNORECASE)
    return [
        f"{path.relative_to(ROOT)}: {match.group(0)!r}"
        for path in templates()
        for match in search.finditer(path.read_text())
    ]


class TestSizes:
    def test_functions_fit_on_a_screen(self) -> None:
        too_long = [name for name, node in functions() if length(node) > FUNCTION_MAX]
        assert too_long == []

    def test_most_functions_are_short(self) -> None:
        lengths = [length(node) for _, node in functions()]
        assert statistics.median(lengths) < FUNCTION_MEDIAN
        assert percentile(lengths, 0.9) <= FUNCTION_P90

    def test_files_stay_small(self) -> None:
        lines = {path: len(path.read_text().splitlines()) for path in trees()}
        assert [str(path) for path, count in lines.items() if count > FILE_MAX] == []
        assert percentile(list(lines.values()), 0.9) <= FILE_P90

    def test_blocks_are_not_nested_deeply(self) -> None:
        assert [name for name, node in functions() if nesting(node) > NESTING_MAX] == []

    def test_the_runtime_can_be_read_in_one_sitting(self) -> None:
        assert sum(code_lines(path) for path in (PACKAGE / "live").rglob("*.py")) <= LIVE_MAX


class TestImports:
    def test_no_function_imports_our_own_modules(self) -> None:
        inside = [
            name
            for name, function in functions()
            if function.name != "ready"
            for node in ast.walk(function)
            if _imports_own_package(node)
        ]
        assert inside == []

    def test_grading_knows_no_django(self) -> None:
        graph = grimp.build_graph("wagtail_live_lms", include_external_packages=True)
        chain = graph.find_shortest_chain("wagtail_live_lms.grading", "django", as_packages=True)
        assert chain is None


def _imports_own_package(node: ast.AST) -> bool:
    match node:
        case ast.ImportFrom(level=level, module=module):
            return level > 0 or (module or "").split(".")[0] in OWN_PACKAGES
        case ast.Import(names=names):
            return any(alias.name.split(".")[0] in OWN_PACKAGES for alias in names)
    return False


class TestOneWayToDoIt:
    def test_only_actions_broadcast(self) -> None:
        callers = {
            path.relative_to(PACKAGE).as_posix()
            for path, tree in trees().items()
            if path.is_relative_to(PACKAGE)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and called_name(node) in BROADCASTS
        }
        elsewhere = {name for name in callers if name.split("/")[0] not in {"live", "actions"}}
        assert elsewhere == set(BROADCAST_RECEIVERS)

    def test_no_html_is_declared_safe_by_hand(self) -> None:
        users = [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for path, tree in trees().items()
            for node in ast.walk(tree)
            if (isinstance(node, ast.Name) and node.id == "mark_safe")
            or (isinstance(node, ast.Attribute) and node.attr == "mark_safe")
        ]
        assert users == []


class TestTemplatesObeyTheContentSecurityPolicy:
    @pytest.mark.parametrize(
        "pattern",
        [
            r"<[a-z][^>]*\sstyle\s*=",
            r"<style\b",
            r"<[a-z][^>]*\son[a-z]+\s*=",
            r"\bhx-on\b",
            r"javascript:",
            r"<script(?![^>]*\bsrc=)(?![^>]*\btype=.application/json)[^>]*>",
            r"\|\s*safe\b",
        ],
        ids=["style", "style-element", "handler", "hx-on", "url", "script", "safe-filter"],
    )
    def test_nothing_inline(self, pattern: str) -> None:
        assert found_in_templates(pattern) == []
