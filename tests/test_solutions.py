"""The folded solutions of chapters: what they name is there, in the chapter or the package.

They are text that no run executes, so a function that is renamed would leave them behind.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
Imports = (ast.Import, ast.ImportFrom)


def bound(tree: ast.AST) -> set[str]:
    """Names that code gives to something."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, Imports):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def imported(tree: ast.AST) -> dict[str, Any]:
    """What the imports of some code give: nothing else of it is run."""
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, Imports):
            exec(compile(ast.Module([node], []), "imports", "exec"), found)  # noqa: S102
    return found


def parsed(source: str) -> ast.Module:
    """Parse a cell without the lines that are IPython's own."""
    return ast.parse(re.sub(r"(?m)^\s*[%!?].*$", "", source))


def problems(solution: ast.AST, known: set[str], there: dict[str, Any]) -> Iterator[str]:
    """Say what a solution names that is not there."""
    names = known | bound(solution) | set(dir(builtins))
    called = {node.attr for node in ast.walk(solution) if isinstance(node, ast.Attribute)}
    own = bound(solution)
    for node in ast.walk(solution):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in names:
            yield f"{node.id} is defined nowhere"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            thing = there.get(node.value.id) if node.value.id not in own else None
            if inspect.ismodule(thing) and not hasattr(thing, node.attr):
                yield f"{node.value.id} has no {node.attr}"
        elif isinstance(node, ast.ClassDef) and node.bases:
            bases = [eval(ast.unparse(base), dict(there)) for base in node.bases]  # noqa: S307
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name not in called:
                    if not any(hasattr(base, method.name) for base in bases):
                        yield f"{node.name}.{method.name} is called by nobody"


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_folded_solutions_name_what_is_there(chapter):
    cells = nbformat.read(chapter, as_version=4).cells
    code = ast.Module(
        [s for c in cells if c.cell_type == "code" for s in parsed(c.source).body], []
    )
    known, there, found = bound(code), imported(code), []
    for cell in cells:
        if cell.cell_type == "markdown":
            for block in re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL):
                if block.rstrip().endswith(":"):
                    continue  # one line of a function that was shown
                solution = parsed(block)
                found += problems(solution, known, there | imported(solution))
                known |= bound(solution)  # a later block may go on
    assert not found


def test_what_is_not_there_is_found():
    code = ast.parse("import math\nfrom collections import OrderedDict\nclips = 3")
    known, there = bound(code), imported(code)
    for said, problem in {
        "clips + other": "other is defined nowhere",
        "math.tangent(1)": "math has no tangent",
        "class Mine(OrderedDict):\n    def popped(self):\n        pass": "Mine.popped is called by",
    }.items():
        assert [p for p in problems(ast.parse(said), known, there) if problem in p], said
    assert not list(problems(ast.parse("math.tan(clips)"), known, there))
