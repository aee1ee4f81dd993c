"""What is said of a SQL model's query and statements: which of its clauses changed, and whether a change
is one of formatting alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Callable

from .. import internals
from .parts import Part, digest, part

# Of a clause that is said to have changed only where no other has (clauseChanges in changes.ts).
ORDER = "order of "


def sql_parts(model: Any, file: str | None, explained: bool) -> Iterable[Part]:
    if getattr(model, "source_type", "") != "sql":
        return
    dialect = model.dialect
    # Name, text and digest of each.
    definitions: list[tuple[str, str, str]] = []
    statements = 0
    for field, name in (
        ("pre_statements", "pre-statement"),
        ("post_statements", "post-statement"),
    ):
        raw = getattr(model, f"{field}_", None) or []
        for position, statement in enumerate(raw, 1):
            parsed = statement.parse(dialect) if hasattr(statement, "parse") else statement
            text = raw_text(statement)
            if type(parsed).__name__ == "MacroDef":
                definitions.append((f"@DEF {parsed.name}", text, tree_digest(parsed)))
                continue
            canonical = tree_digest(parsed)
            statements += 1
            yield part("statements", f"{name} {position}", text, file, None, canonical)
    query = getattr(model, "query_", None)
    if query is None:
        query = model.query
    text = raw_text(query)
    found = part("query", "query", repr([text, *(entry[1] for entry in definitions)]), file)
    if not explained:
        yield found
        return
    found["canonical"] = attempt(lambda: rendered_digest(model))
    if found["canonical"] is not None and statements:
        # Statements use definitions too, and are not rendered here.
        found["canonical"] = digest(found["canonical"], *(own for _, _, own in definitions))
    found["clauses"] = attempt(lambda: clauses_of(model.query))
    if found["clauses"] is not None:
        for name, _, own in definitions:
            # The last of a name holds, and between them there may be others that use it.
            found["clauses"][name] = digest(found["clauses"].get(name), own)
    found["projections"] = attempt(lambda: projections_of(model.query))
    yield found


def raw_text(statement: Any) -> str:
    """What SQLMesh hashes: the text as it is written (0.213 and newer), else the parsed statement."""
    text = getattr(statement, "sql", "")
    return text if isinstance(text, str) else statement.sql()


def rendered_digest(model: Any) -> str | None:
    """What SQLMesh compares to call a change metadata-only (`SqlModel.is_metadata_only_change`). None where a macro
    wants to know columns, which SQLMesh gives models only later."""
    with noting_lost_columns() as lost:
        rendered = model.render_query(needs_optimization=False)
    return None if rendered is None or lost else tree_digest(rendered)


@contextmanager
def noting_lost_columns() -> Iterator[list[Any]]:
    """The names of models whose columns a macro has asked for and not got."""
    lost: list[Any] = []
    original = internals.evaluator_columns.value

    def columns_to_types(self: Any, name: Any) -> Any:
        schema = internals.evaluator_schema.get(self)
        if schema is None or schema.empty:
            lost.append(name)
        return original(self, name)

    with internals.evaluator_columns.replaced(columns_to_types):
        yield lost


def clauses_of(query: Any) -> dict[str, str] | None:
    """Digests that together cover the whole query: equal clauses mean an equal query."""
    if type(query).__name__ != "Select":
        return {"UNION": tree_digest(query)} if hasattr(query, "selects") else None
    clauses: dict[str, str] = {}
    for key, value in query.args.items():
        name = {"expressions": "SELECT"}.get(key, key.rstrip("_").upper())
        if key in ("with", "with_"):
            ctes = value.expressions if value else []
            for cte in ctes:
                clauses[f"CTE {cte.alias_or_name}"] = tree_digest(cte)
            clauses.update(order_of("CTEs", ctes))
            if value and value.args.get("recursive"):
                clauses["RECURSIVE"] = digest("")
        elif key == "joins":
            for join in value or []:
                join_name = f"JOIN {join.alias_or_name}"
                clauses[join_name] = digest(clauses.get(join_name), tree_digest(join))
            clauses.update(order_of("JOINs", value or []))
        elif isinstance(value, list):
            if value:
                clauses[name] = digest(*(tree_digest(item) for item in value))
        elif hasattr(value, "sql"):
            clauses[name] = tree_digest(value)
        elif value:
            clauses[name] = digest(str(value))
    return clauses


def order_of(what: str, clauses: list[Any]) -> dict[str, str]:
    names = [clause.alias_or_name for clause in clauses]
    return {f"{ORDER}{what}": digest(*names)} if len(names) > 1 else {}


def tree_digest(tree: Any) -> str:
    """Equal for what sqlglot takes for equal (`Expression.__eq__`): comments do not count, nor does the case of
    any word but names and literals."""
    from sqlglot import Dialect, exp

    found: list[str] = []
    # Trees are as deep as their longest chain of conditions, so there is no recursion.
    ahead: list[Any] = [tree]
    while ahead:
        node = ahead.pop()
        if node.__class__ is str:
            found.append(node)
            continue
        exact = isinstance(node, (exp.Identifier, exp.Literal))
        inner: list[Any] = []
        for name, value in sorted(node.args.items()):
            for one in value if value.__class__ is list else (value,):
                if one is None or one is False or (exact and not one):
                    continue
                if not hasattr(one, "args"):
                    # Those of one class are equal, wherever they are in memory.
                    told = one.__class__.__name__ if isinstance(one, Dialect) else one
                    one = repr(told if exact or told.__class__ is not str else told.lower())
                inner += (name, one)
        found.append(node.key)
        ahead.append(")")
        ahead += reversed(inner)
    return digest("\0".join(found))


def projections_of(query: Any) -> list[str] | None:
    names = [selected.alias_or_name for selected in query.selects]
    return names if names and all(names) else None


def attempt(work: Callable[[], Any]) -> Any:
    """An explanation that SQLMesh cannot give (a query that renders only at run time) is none."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - whatever a macro raises
        return None
