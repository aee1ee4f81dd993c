"""Whether a change of which rows a query gives is one to SQLMesh, told from the part of the query that decides it.

SQLMesh compares optimised queries. What becomes of a condition depends on the names in it, on what these stand for
all the way up, and on nothing else that is selected. So projections that nothing left names are taken out of both
queries, and such columns of parents too. Where what is left differs when it is optimised, the whole queries do, also
where the optimiser gives one of them up. Where it does not differ, nothing is known.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from .. import internals
from ..describe.declared_columns import differs_in_rows
from ..describe.parents import date_variables

# Gives a model the columns of its parents that have one of these names, in one case.
Give = Callable[[Any, set[str]], None]


def differ_in_part(old: Any, new: Any, give: Give) -> bool:
    """Whether the queries of two models certainly differ for SQLMesh."""
    both = (old, new)
    if not differs_in_rows(*both) or any(defines_macros(one) for one in both):
        return False
    queries = [one.query.copy() for one in both]
    names = reduce_together(queries)
    if names is None:
        return False
    parts = [rendered(model, query, give, names) for model, query in zip(both, queries)]
    return None not in parts and parts[0] != parts[1]


def defines_macros(model: Any) -> bool:
    return bool(internals.macro_definitions.get(internals.query_renderer.get(model)))


def rendered(model: Any, query: Any, give: Give, names: set[str]) -> Any:
    """What SQLMesh makes of this query in the model's place; None where it cannot. The model stays as it is."""
    schema, columns = dict(model.mapping_schema), internals.columns.get(model)
    try:
        model.mapping_schema.clear()
        give(model, names)
        renderer = copy.copy(internals.query_renderer.get(model))
        internals.expression.set(renderer, query)
        internals.rendered.set(renderer, [])
        internals.optimized.set(renderer, None)
        return renderer.render()
    except Exception:  # noqa: BLE001 - the whole query will tell
        return None
    finally:
        model.mapping_schema.clear()
        model.mapping_schema.update(schema)
        internals.query_renderer.get(model).update_schema(model.mapping_schema)
        internals.columns.set(model, columns)


def reduce_together(queries: list[Any]) -> set[str] | None:
    """Takes out of the queries what decides nothing. Gives the names in what is left; None where it cannot be told
    what decides."""
    if any(minds_columns(query) for query in queries):
        return None
    sparable = [one for query in queries for one in projections_in(query)]
    ids = {id(one) for one in sparable}
    names = set().union(*(names_in(query, ids) for query in queries))
    while needed := [one for one in sparable if name_of(one) in names]:
        sparable = [one for one in sparable if name_of(one) not in names]
        names |= set().union(*(names_in(one, set()) for one in needed))
    for one in sparable:
        one.pop()
    # A macro may name whatever it likes.
    unsure = "all" in names or any(calls_macros(query) for query in queries)
    return None if unsure else names


def minds_columns(query: Any) -> bool:
    """Whether something in it depends on the number or order of columns, or names them in another way."""
    from sqlglot import exp

    queries, others = (exp.Select, exp.Subquery), (exp.Pivot, exp.UDTF)
    for node in query.walk():
        args = node.args
        if isinstance(node, others) or type(node).__name__ == "Columns":
            return True
        if isinstance(node, exp.Query) and not isinstance(node, queries):
            return True
        if isinstance(node, exp.Select) and args.get("group") and args.get("order"):
            return True
        if isinstance(node, exp.Select) and is_read_by_name(node) and has_numbered(node):
            return True
        if isinstance(node, exp.Group) and (
            args.get("all") or any(isinstance(one, exp.Literal) for one in node.expressions)
        ):
            return True
        if isinstance(node, exp.Ordered) and isinstance(node.this, exp.Literal):
            return True
        if isinstance(node, exp.TableAlias) and args.get("columns"):
            return True
        if isinstance(node, exp.Join) and "NATURAL" in (args.get("method"), args.get("kind")):
            return True
    return False


def projections_in(query: Any) -> Iterator[Any]:
    """Those with names of their own, of selects whose columns are read by name. Each select keeps one."""
    from sqlglot import exp

    for select in query.find_all(exp.Select):
        if is_read_by_name(select):
            for one in select.expressions[1:]:
                name = one.args.get("alias") if type(one) is exp.Alias else one.this
                if type(one) in (exp.Alias, exp.Column) and type(name) is exp.Identifier:
                    yield one


def is_read_by_name(select: Any) -> bool:
    from sqlglot import exp

    above = select.parent
    if isinstance(above, exp.Subquery):
        return isinstance(above.parent, (exp.From, exp.Join))
    return above is None or isinstance(above, exp.CTE)


def has_numbered(select: Any) -> bool:
    """Whether the optimiser names a projection by its place among others."""
    others = len(select.expressions) > 1
    return others and any(not (one.output_name or one.is_star) for one in select.expressions)


def name_of(projection: Any) -> str:
    return str(projection.alias_or_name).casefold()


def names_in(tree: Any, spared: set[int]) -> set[str]:
    """Names in it, in one case, but for what is spared."""
    from sqlglot import exp

    nodes = tree.walk(prune=lambda node: id(node) in spared)
    return {
        str(node.this).casefold() for node in nodes if isinstance(node, (exp.Identifier, exp.Var))
    }


def calls_macros(query: Any) -> bool:
    """But for dates."""
    from sqlglot import exp
    from sqlmesh.core import dialect

    dates = date_variables()
    for node in query.walk():
        if isinstance(node, dialect.MacroVar):
            if node.name.lower() not in dates:
                return True
        elif (
            isinstance(node, dialect.MacroFunc)
            or isinstance(node, exp.Identifier)
            and "@" in node.this
        ):
            return True
    return False
