"""Lists the `raise`s of the installed SQLMesh that `Context(paths=…)` may reach, as JSON on the last line: the functions
that have some (`file function`), and how each error begins.

Calls are followed by name. A name means every function, method and class so called; a class means its constructor and
what validates it. That reaches too much rather than too little. The arguments are files and folders that are not
followed, relative to the package.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(find_spec("sqlmesh").origin).parent
NOT_FOLLOWED = tuple(sys.argv[1:])
START = {
    "core/context.py": ("GenericContext.__init__", "GenericContext.load"),
    # The one function of its folder that validation calls.
    "core/snapshot/evaluator.py": (
        "get_custom_materialization_type",
        "get_custom_materialization_type_or_raise",
        "get_custom_materialization_kind_type",
    ),
}
# What a class that is mentioned may run.
RUN_BY_CLASS = ("__init__", "__new__", "__call__", "validator", "validate", "_")


class Function:
    def __init__(self, file: str, name: str, node: ast.AST) -> None:
        self.file, self.name = file, name
        nodes = [*ast.walk(node)]
        raised = [one.exc for one in nodes if isinstance(one, ast.Raise) and one.exc]
        raised += [one for one in nodes if isinstance(one, ast.Call) and last(one.func) == RAISE]
        self.raises = sorted(map(beginning, raised))
        self.names = {one.id for one in nodes if isinstance(one, ast.Name)}
        self.attributes = {one.attr for one in nodes if isinstance(one, ast.Attribute)}


RAISE = "raise_config_error"


def last(node: ast.AST) -> str:
    return getattr(node, "id", None) or getattr(node, "attr", "")


def beginning(raised: ast.expr) -> str:
    texts = [one.value for one in ast.walk(raised) if isinstance(one, ast.Constant)]
    first = next((text.strip() for text in texts if isinstance(text, str)), "")
    name = last(raised.func) if isinstance(raised, ast.Call) else ast.unparse(raised)
    return f"{name}: {first[:50]}"


def functions_in(node: ast.AST, file: str, prefix: str = "") -> list[Function]:
    found: list[Function] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            found += functions_in(child, file, f"{prefix}{child.name}.")
        elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(Function(file, prefix + child.name, child))
        else:
            found += functions_in(child, file, prefix)
    return found


def all_functions() -> list[Function]:
    found: list[Function] = []
    for path in sorted(ROOT.rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        functions = functions_in(ast.parse(path.read_text("utf-8")), file)
        followed = not file.startswith(NOT_FOLLOWED)
        found += [one for one in functions if followed or one.name in START.get(file, ())]
    return found


def reached(functions: list[Function]) -> set[Function]:
    plain: dict[str, list[Function]] = defaultdict(list)
    methods: dict[str, list[Function]] = defaultdict(list)
    of_class: dict[str, list[Function]] = defaultdict(list)
    for one in functions:
        *owners, name = one.name.split(".")
        (methods if owners else plain)[name].append(one)
        if owners and (name.startswith(RUN_BY_CLASS) or name.endswith("validator")):
            of_class[owners[-1]].append(one)
    found: set[Function] = set()
    ahead = [one for one in functions if one.name in START.get(one.file, ())]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            for name in one.names | one.attributes:
                ahead += plain[name] + of_class[name]
            for name in one.attributes:
                ahead += methods[name]
    return found


print(
    json.dumps(
        {f"{one.file} {one.name}": one.raises for one in reached(all_functions()) if one.raises}
    )
)
