"""Which macros put nothing into a query but texts of their own and what they are called with.

A query that calls no others names all its tables in its text or in theirs, so that its file need not be loaded to
know that it reads none of some tables. A Python macro counts if all that it does is to return such a text.
docs/what-is-loaded.md has the rule.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# SQLMesh's own that choose from, or combine, what they are called with.
BUILT_IN = {"and", "or", "if", "safe_add", "safe_sub", "safe_div", "generate_surrogate_key"}
CALL = re.compile(r"(?<![\w.\"`'\]})@$\\])@([a-z]\w*)\(", re.IGNORECASE)
WORD = re.compile(r"\w")


def called_macros(text: str) -> set[str] | None:
    """Names of the macros that a SQL text calls; None if it has an `@` for any other reason, or a character that
    may stand for another."""
    found = CALL.findall(text)
    plain = len(found) == text.count("@") and "\\" not in text
    return {name.lower() for name in found} if plain else None


def own_texts(macros: Mapping[str, Any], project: Path) -> dict[str, list[str]]:
    """By name, of the macros that count: the texts of their own. `macros`: SQLMesh's registry, with all that the
    project defines."""
    found: dict[str, list[str]] = {}
    for name, macro in macros.items():
        function = getattr(macro, "func", None)
        module = getattr(function, "__module__", None)
        if module == "sqlmesh.core.macros" and name in BUILT_IN:
            found[name] = []
        elif function is not None and is_below(function, project / "macros"):
            texts = returned_texts(function)
            if texts is not None:
                found[name] = texts
    return found


def is_below(function: Any, folder: Path) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and folder in Path(code.co_filename).parents


def returned_texts(function: Any) -> list[str] | None:
    """The texts in what a function returns, if that is all that it does."""
    if hasattr(function, "__wrapped__"):
        # Its source is another function's.
        return None
    try:
        (found,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if type(found) is not ast.FunctionDef:
        return None
    if [ast.unparse(decorator) for decorator in found.decorator_list] != ["macro()"]:
        return None
    statement, docstring = found.body[-1], found.body[:-1]
    if type(statement) is not ast.Return or len(docstring) > 1:
        return None
    if docstring and not (type(docstring[0]) is ast.Expr and is_text(docstring[0].value)):
        return None
    if not all(type(default) is ast.Constant for default in found.args.defaults):
        return None
    own = texts_of(statement.value, {argument.arg for argument in found.args.args[1:]})
    if own is None:
        return None
    return [*own, *(ast.unparse(default) for default in found.args.defaults)]


def texts_of(value: Any, arguments: set[str]) -> list[str] | None:
    """The texts between arguments, where no word can come of a text and an argument together."""
    parts = value.values if type(value) is ast.JoinedStr else [value]
    texts: list[str] = []
    before = ""
    for part in parts:
        if is_text(part):
            if before == "{" and WORD.match(part.value):
                return None
            texts.append(part.value)
            before = part.value[-1:]
        elif not is_argument(part, arguments) or before == "{" or WORD.match(before):
            return None
        else:
            before = "{"
    # What is returned is looked at for macros once more.
    return None if any("@" in text or "{" in text for text in texts) else texts


def is_text(node: Any) -> bool:
    return type(node) is ast.Constant and type(node.value) is str


def is_argument(node: Any, arguments: set[str]) -> bool:
    return (
        type(node) is ast.FormattedValue
        and node.conversion == -1
        and node.format_spec is None
        and type(node.value) is ast.Name
        and node.value.id in arguments
    )
