"""Whether SQLMesh would validate a model, told of it alone as far as that can be.

`validate_definition` of SQLMesh optimises the query for its columns, which takes most of the time of a whole load. It
asks for their names where a model is partitioned or clustered by some, and for their types where a model reads
itself. Where the names are evident it is given a query that has them and nothing else; where they come from what the
model reads, the model has to be given the columns of that (load/validate_together.py).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .. import internals
from ..describe.declared_columns import Columns, evident_columns
from ..describe.parents import looks_around, python_may
from ..protocol import explain

# Which columns of its parents a model needs to be validated.
NAMES, TYPES = "names", "types"
# SQLMesh's own macros that look up columns (`MacroEvaluator.columns_to_types`).
LOOKS_UP = {"star", "union"}
# What a macro may have in its text if it looks up columns, or calls what may.
SCHEMA = re.compile(r"columns_to_types|schema|getattr|__dict__|\bvars\b", re.IGNORECASE)

# Why SQLMesh refuses the model, as `explain` tells it, and which columns it takes to know.
Examined = tuple["dict[str, Any] | None", "str | None"]


def examined(model: Any, tree: Path) -> Examined:
    """Last of all that is asked of the model: it remembers a query that is not its own."""
    try:
        wanted = wanted_columns(model)
        if wanted is None:
            validate(model)
        return None, wanted
    except Exception as error:  # noqa: BLE001 - a macro of the project may raise anything
        return explain(error, {"tree": str(tree)}), None


def validate(model: Any) -> None:
    """What `Context.load` does with each model after it has its parents' columns."""
    internals.metadata_hash.set(model, None)
    # `update_model_schemas` asks for it, and it renders.
    model.metadata_hash  # noqa: B018
    model.validate_definition()


def wanted_columns(model: Any) -> str | None:
    """The columns of its parents that the model needs; None if none, and then its own are told."""
    if model.source_type != "sql":
        return None
    columns = named_columns(model)
    if looks_up(model):
        return TYPES
    if model.columns_to_types_ is None:
        if model.depends_on_self and (columns is None or None in columns.values()):
            return TYPES
        if columns is None and (model.time_column or model.partitioned_by_ or model.clustered_by):
            return NAMES
    return None


def named_columns(model: Any) -> Columns | None:
    """None if their names are not told by the query alone. SQLMesh finds a query that has them from now on."""
    from sqlglot import exp

    renderer = internals.query_renderer.get(model)
    internals.columns.set(model, None)
    parsed = getattr(model, "extract_dependencies_from_query", True)
    if parsed and type(model.query) is exp.Select and not looks_around(model):
        columns = evident_columns(model)
        if columns is not None:
            internals.optimized.set(renderer, query_of(columns))
            return columns
    query = renderer.render(needs_optimization=False)
    if query is None:
        return None
    internals.optimized.set(renderer, query)
    names = [select.output_name for select in getattr(query, "selects", [])]
    told = "*" not in names and all(names) and len(set(names)) == len(names)
    return dict.fromkeys(names) if told else None


def query_of(columns: Columns) -> Any:
    from sqlglot import exp

    unknown = exp.DataType.build("unknown")
    query = exp.Select()
    for name, to in columns.items():
        selected = exp.Alias(this=exp.Null(), alias=exp.to_identifier(name, quoted=True))
        selected.type = (to or unknown).copy()
        query.append("expressions", selected)
    return query


def looks_up(model: Any) -> bool:
    """Whether the query's macros may look up columns, so that they may make something else of it with them."""
    from sqlmesh.core import dialect

    called = {one.name.casefold() for one in model.query.find_all(dialect.MacroFunc)}
    return bool(called & LOOKS_UP) or python_may(SCHEMA, model)
