"""Parts: the ingredients of `Model._data_hash_values` (sqlmesh/core/model/definition.py), each under a
name that people know.

Only digests leave this process, and short settings; never the code itself. Works with the models of
every SQLMesh that the probe supports: what an older one lacks is left out.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

from .time_partitions import time_partition

Part = dict[str, Any]

SHORT = 200

# Fields of a kind that its `data_hash_values` hold; the others are metadata (sqlmesh/core/model/kind.py).
HASHED_KIND_FIELDS = [
    "dialect",
    "lookback",
    "time_column",
    "partition_by_time_column",
    "unique_key",
    "when_matched",
    "merge_filter",
    "insert_overwrite",
    "materialized",
    "valid_from_name",
    "valid_to_name",
    "invalidate_hard_deletes",
    "time_data_type",
    "batch_size",
    "updated_at_name",
    "updated_at_as_valid_from",
    "columns",
    "execution_time_as_valid_from",
    "materialization",
    "materialization_properties_",
    "definition",
    "adapter",
]
# Hashed by SCD kinds alone; elsewhere it is metadata.
ONLY_SCD = ("batch_size",)

MODEL_PROPERTIES = [
    "table_format",
    "storage_format",
    "stamp",
    "physical_schema_override",
    "physical_version",
    "gateway",
    "optimize_query",
    "virtual_environment_mode",
]


def digest(*texts: str | None) -> str:
    """
    Stable and safe to show: tells whether two lists of texts are equal, nothing else. 128 bits, because
    whoever writes the texts could make two that agree in fewer.
    """
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:32]


def part(
    kind: str,
    name: str,
    text: str,
    file: str | None = None,
    value: str | None = None,
    canonical: str | None = None,
    only_alone: bool = False,
) -> Part:
    shown = value if value is not None and len(value) <= SHORT else None
    return {
        "kind": kind,
        "name": name,
        "file": file,
        "digest": digest(text),
        "canonical": canonical,
        "value": shown,
        "clauses": None,
        "projections": None,
        "onlyAlone": only_alone,
    }


def variable_parts(prefix: str, payload: str, file: str | None) -> Iterable[Part]:
    """One part for each variable of the dictionary that SQLMesh hashes as Python source."""
    body = ast.parse(payload, mode="eval").body
    if not isinstance(body, ast.Dict):
        yield part("variables", f"{prefix}variables", payload, file)
        return
    entries = {ast.literal_eval(key): node for key, node in zip(body.keys, body.values) if key}
    for name, node in sorted(entries.items()):
        text = ast.unparse(node)
        is_sql = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "SqlValue"
        shown = str(ast.literal_eval(node.keywords[0].value)) if is_sql else text
        yield part("variables", f"{prefix}{name}", text, file, shown)


def kind_parts(model: Any, file: str | None) -> Iterable[Part]:
    kind = model.kind
    name = kind.name.value
    yield part("kind", "kind", name, file, name)
    for field in HASHED_KIND_FIELDS:
        value = getattr(kind, field, None)
        if value is None or (field in ONLY_SCD and not name.startswith("SCD_")):
            continue
        text = text_of(value)
        yield part("kind", field.rstrip("_"), text, file, text)


def setting_parts(model: Any, file: str | None) -> Iterable[Part]:
    for name in ("partitioned_by_", "clustered_by"):
        values = getattr(model, name, None)
        if values:
            text = text_of(values)
            yield part("partitioning", name.rstrip("_"), text, file, text)
    of_time = time_partition(model)
    if of_time is not None:
        text = of_time.sql(model.dialect)
        yield part("partitioning", "time partition", text, file, text)
    unit = model.interval_unit.value
    yield part("interval-unit", "interval_unit", unit, file, unit)
    columns = getattr(model, "columns_to_types_", None)
    if columns:
        text = ", ".join(f"{name} {kind.sql(model.dialect)}" for name, kind in columns.items())
        yield part("columns", "columns", text, file, text)
    for name in MODEL_PROPERTIES:
        value = getattr(model, name, None)
        if value is not None:
            text = text_of(value)
            yield part("properties", name.replace("_override", ""), text, file, text)
    physical = getattr(model, "physical_properties", None) or {}
    for name, value in physical.items():
        text = text_of(value)
        yield part("properties", f"physical_properties.{name}", text, file, text)
    if len(physical) > 1:
        order = ", ".join(physical)
        yield part("properties", "order of physical_properties", order, file, order, None, True)
    if getattr(model, "source_type", "") == "seed" and getattr(model, "grants", None):
        yield part("properties", "grants", repr(model.grants), file)


def parent_parts(model: Any, file_of: Callable[[str], str | None]) -> Iterable[Part]:
    """What a model knows of the columns of each of its parents: before SQLMesh 0.213 a data_hash is of the
    rendered query, in which stars and names are resolved by them. `file_of`: where a model is defined."""
    parents = [((), model.mapping_schema)]
    while parents:
        names, inner = parents.pop()
        if any(isinstance(value, dict) for value in inner.values()):
            parents += (((*names, name), value) for name, value in inner.items())
            continue
        columns = [f"{column} {kind}" for column, kind in inner.items()]
        shown = ".".join(name.strip('"') for name in names)
        file = file_of(".".join(names))
        yield {
            **part("columns", f"columns of {shown}", repr(columns), file, only_alone=True),
            "projections": columns,
        }


def text_of(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(text_of(item) for item in value)
    column = getattr(value, "column", None)  # a TimeColumn
    if column is not None and hasattr(value, "format"):
        return f"{column.sql(comments=False)}, {value.format}"
    if hasattr(value, "sql"):
        return value.sql(comments=False)
    return str(getattr(value, "value", value))
