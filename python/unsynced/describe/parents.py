"""Which tables a SQL model reads, without rendering what cannot hold a table.

`Model.depends_on` renders the whole query (macros, quotes, column aliases) and then looks for tables,
which takes as long as parsing it. Projections and conditions without a table, a subquery or a macro in
them are left out here while SQLMesh's own functions run, so that the answer is the same.
"""

from __future__ import annotations

import re
from typing import Any

from .. import internals

# Clauses of a SELECT that only hold tables where there is a subquery in them.
CLAUSES = ("where", "group", "having", "qualify", "order")
# Dates that SQLMesh gives to a query (`sqlmesh.utils.date.date_dict`): values, never a table.
DATES = ("dt", "dtntz", "date", "ds", "ts", "tstz", "hour", "epoch", "millis")
# A macro that looks around in the query that it is called from would see what is missing.
LOOKS_AROUND = re.compile(r"parent|root|ancestor|depth|scope")
# Code from elsewhere cannot be searched for that; from these it is known not to, unless told to.
KNOWN = re.compile(
    r"(import|from) (sqlglot|sqlmesh|pandas|numpy|typing|datetime|re|json|math|os|itertools"
    r"|functools|collections|dataclasses|enum|decimal|hashlib|random|string|logging|__future__)\b"
)


def parents_of(model: Any) -> list[str]:
    """Sorted fqns, exactly `model.depends_on`. What the model has rendered is forgotten."""
    found = tables_of(model)
    if found is None:
        return sorted(model.depends_on)
    internals.full_depends_on.set(model, found)
    return sorted(found - {model.fqn})


def tables_of(model: Any) -> set[str] | None:
    """Exactly `model.full_depends_on`; None where only rendering tells."""
    renderer = internals.query_renderer.get(model, None)
    query = internals.expression.get(renderer, None)
    if query is None or type(query).__name__ in ("JinjaQuery", "MacroFunc") or looks_around(model):
        return None
    if not getattr(model, "extract_dependencies_from_query", True):
        return None
    if internals.macro_definitions.get(renderer) or internals.rendered.get(renderer):
        return None
    pruner = Pruner(model.kind.only_execution_time)
    try:
        pruner.prune(query)
        return rendered_tables(model) if pruner.macros else tables_in(query, model, renderer)
    except Exception:  # noqa: BLE001, S110 - a macro's own, or another SQLMesh; below it says so itself
        pass
    finally:
        pruner.restore()
        internals.rendered.set(renderer, [])
    return None


def tables_in(query: Any, model: Any, renderer: Any) -> set[str]:
    """What is left of `full_depends_on` and of rendering where there are no macros."""
    from sqlmesh.core import dialect

    copy = query.copy()
    with internals.normalize_and_quote.get(renderer)(copy):
        pass
    names = {"default_catalog": model.default_catalog, "dialect": model.dialect}
    return dialect.find_tables(copy, **names) | (model.depends_on_ or set())


def rendered_tables(model: Any) -> set[str]:
    """What SQLMesh finds in what is left, with all macros in it; forgotten, as it is of half a query."""
    try:
        return set(model.full_depends_on)
    finally:
        internals.full_depends_on.set(model, None)


def looks_around(model: Any) -> bool:
    return python_may(LOOKS_AROUND, model)


def python_may(pattern: re.Pattern[str], model: Any) -> bool:
    """Whether a model's Python has this in its text, or comes from elsewhere, where nobody has looked."""
    for executable in model.python_env.values():
        if executable.is_definition and pattern.search(executable.payload):
            return True
        if executable.is_import and not KNOWN.match(executable.payload):
            return True
    return False


def date_variables(only_execution_time: bool = False) -> set[str]:
    starts = ("latest", "execution") + (() if only_execution_time else ("start", "end"))
    return {f"{start}_{date}" for start in starts for date in DATES}


class Pruner:
    """Takes from a query, for the time being, what can neither be nor become a table."""

    def __init__(self, only_execution_time: bool) -> None:
        from sqlglot import exp
        from sqlmesh.core import dialect

        self.dates = date_variables(only_execution_time)
        # First match decides.
        self.roles = {
            "select": exp.Select,
            "table": (exp.Table, exp.Query, exp.UDTF),
            "variable": dialect.MacroVar,
            "macro": dialect.MacroFunc,
            "name": exp.Identifier,
        }
        self.role_of: dict[type, str] = {}
        self.taken: list[tuple[dict[str, Any], str, Any]] = []
        # Whether what is left has macros, which may become tables.
        self.macros = False

    def prune(self, node: Any) -> bool:
        """Prunes the SELECTs in a part of a query; whether the part holds, or may become, a table."""
        kind = type(node)
        role = self.role_of.get(kind)
        if role is None:
            matching = (name for name, kinds in self.roles.items() if isinstance(node, kinds))
            role = self.role_of[kind] = next(matching, "")
        if role == "macro" or (role == "name" and "@" in node.this):
            self.macros = True
            return True
        if role == "variable":
            is_date = node.name.lower() in self.dates
            self.macros = self.macros or not is_date
            return not is_date
        if role == "select":
            return self.prune_select(node)
        matters = role == "table"
        for value in node.args.values():
            for part in value if value.__class__ is list else (value,):
                if hasattr(part, "args") and self.prune(part):
                    matters = True
        return matters

    def prune_select(self, select: Any) -> bool:
        for name, value in list(select.args.items()):
            parts = [part for part in as_list(value) if hasattr(part, "args")]
            plain = [part for part in parts if not self.prune(part)]
            if name in CLAUSES and plain:
                self.take(select, name, None)
            elif name == "expressions" and len(plain) > 1:
                # One stays, as a SELECT needs something to select.
                gone = {id(part) for part in plain[1:]}
                self.take(select, name, [part for part in value if id(part) not in gone])
        return True

    def take(self, select: Any, name: str, value: Any) -> None:
        self.taken.append((select.args, name, select.args[name]))
        select.args[name] = value

    def restore(self) -> None:
        for args, name, value in reversed(self.taken):
            args[name] = value


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
