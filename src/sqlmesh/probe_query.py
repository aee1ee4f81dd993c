"""What is said of a SQL model's query and statements: which of its clauses changed, and whether a change
is one of formatting alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Callable

from probe_parts import Part, digest, part


def sql_parts(model: Any, file: str | None, explained: bool) -> Iterable[Part]:
    if getattr(model, "source_type", "") != "sql":
        return
    dialect = model.dialect
    definitions: list[tuple[str, str, str]] = []
    for field, name in (
        ("pre_statements", "pre-statement"),
        ("post_statements", "post-statement"),
    ):
        raw = getattr(model, f"{field}_", None) or []
        for position, statement in enumerate(raw, 1):
            parsed = statement.parse(dialect) if hasattr(statement, "parse") else statement
            text = raw_text(statement)
            if type(parsed).__name__ == "MacroDef":
                definitions.append((f"@DEF {parsed.name}", text, plain_sql(parsed, dialect)))
                continue
            canonical = digest(plain_sql(parsed, dialect))
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
    found["clauses"] = attempt(lambda: clauses_of(model.query, dialect))
    if found["clauses"] is not None:
        found["clauses"].update({name: digest(sql) for name, _, sql in definitions})
    found["projections"] = attempt(lambda: projections_of(model.query))
    yield found


def raw_text(statement: Any) -> str:
    """What SQLMesh hashes: the text as it is written (0.213 and newer), else the parsed statement."""
    text = getattr(statement, "sql", "")
    return text if isinstance(text, str) else statement.sql()


def plain_sql(expression: Any, dialect: str) -> str:
    return expression.sql(dialect=dialect, comments=False)


def rendered_digest(model: Any) -> str | None:
    """What SQLMesh compares to call a change metadata-only (`SqlModel.is_metadata_only_change`)."""
    rendered = model.render_query(needs_optimization=False)
    return None if rendered is None else digest(plain_sql(rendered, model.dialect))


def clauses_of(query: Any, dialect: str) -> dict[str, str] | None:
    """Digests that together cover the whole query: equal clauses mean an equal query."""
    if type(query).__name__ != "Select":
        return {"UNION": digest(plain_sql(query, dialect))} if hasattr(query, "selects") else None
    clauses: dict[str, str] = {}
    for key, value in query.args.items():
        name = {"expressions": "SELECT"}.get(key, key.rstrip("_").upper())
        if key in ("with", "with_"):
            for cte in value.expressions if value else []:
                clauses[f"CTE {cte.alias_or_name}"] = digest(plain_sql(cte, dialect))
            if value and value.args.get("recursive"):
                clauses["RECURSIVE"] = digest("")
        elif key == "joins":
            for join in value or []:
                join_name = f"JOIN {join.alias_or_name}"
                clauses[join_name] = digest(clauses.get(join_name), plain_sql(join, dialect))
        elif isinstance(value, list):
            if value:
                clauses[name] = digest(*(plain_sql(item, dialect) for item in value))
        elif hasattr(value, "sql"):
            clauses[name] = digest(plain_sql(value, dialect))
        elif value:
            clauses[name] = digest(str(value))
    return clauses


def projections_of(query: Any) -> list[str] | None:
    names = [selected.alias_or_name for selected in query.selects]
    return names if names and all(names) else None


def attempt(work: Callable[[], Any]) -> Any:
    """An explanation that SQLMesh cannot give (a query that renders only at run time) is none."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - whatever a macro raises
        return None
