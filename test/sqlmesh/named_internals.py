"""Prints as JSON where our package names what is private to SQLMesh or sqlglot, or replaces something of theirs, other
than by internals.py; what that names and nobody uses; and where what it names is not in this SQLMesh as it says.

Arguments: the version of this SQLMesh, the folder with our package.
"""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, sys.argv[2])
from unsynced import internals

PACKAGE = Path(sys.argv[2]) / "unsynced"
NAMES = {one.name for one in internals.INTERNALS}
# What is private in these is Python's own, or ours.
OTHERS = {"os", "sys", "self", "cls"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def names_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            own = isinstance(node.value, ast.Name) and node.value.id in OTHERS
            replaced = isinstance(node.ctx, (ast.Store, ast.Del)) and node.attr in NAMES
            if not own and (is_private(node.attr) or replaced):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Constant) and node.value in NAMES and is_private(node.value):
            yield node.lineno, repr(node.value)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, "module", None) or ""
            for one in node.names:
                parts = [*module.split("."), *one.name.split(".")]
                theirs = next(part for part in parts if part) in ("sqlmesh", "sqlglot")
                if theirs and any(is_private(part) for part in parts):
                    yield node.lineno, f"import of {one.name}"


elsewhere, used = [], set()
for file in sorted(PACKAGE.rglob("*.py")):
    if file.name == "internals.py":
        continue
    tree = ast.parse(file.read_text())
    elsewhere += [f"{file.relative_to(PACKAGE)}:{line}: {name}" for line, name in names_in(tree)]
    used |= {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "internals"
    }

named = {name for name, one in vars(internals).items() if isinstance(one, internals.Internal)}
version = tuple(int(number) for number in sys.argv[1].split("."))
found = {
    "elsewhere": elsewhere,
    "unused": sorted(named - used),
    "missing": [str(one) for one in internals.missing_in(version)],
    "unexpected": [
        str(one)
        for one in internals.INTERNALS
        if one.exists and not one.since <= version < one.before
    ],
    "known": [".".join(map(str, one)) for one in (internals.OLDEST, internals.NEWEST)],
}
print(json.dumps(found))
