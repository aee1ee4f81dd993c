"""What a data_hash has in it of the type of a model's time column.

SQLMesh partitions such models by a function of the column, and for ClickHouse by one that depends on its type
(`clickhouse_partition_func` in sqlmesh/core/model/definition.py). Where neither the model's columns nor a cast tell
it, the columns of what the model reads do, which only SQLMesh's own whole load gives it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .. import internals
from .declared_columns import evident_columns

CLICKHOUSE = "clickhouse"


@contextmanager
def cheap_partitions(model: Any) -> Iterator[None]:
    """Only ClickHouse asks for the time column's type; elsewhere it costs a rendering for nothing."""
    if getattr(model, "source_type", "") != "sql" or model.dialect == CLICKHOUSE:
        yield
        return
    declared = property(lambda self: self.columns_to_types_)
    with internals.columns_to_types.replaced(declared, on=type(model)):
        yield


def waits_for_columns(model: Any) -> bool:
    """Whether the data_hash is another one before the model knows the columns of what it reads."""
    if not minds_type_of_time(model):
        return False
    columns = evident_columns(model) or {}
    return columns.get(model.time_column.column.name) is None


def time_partition(model: Any) -> Any:
    """The expression by which such a model is partitioned besides its own; None for others."""
    return model.partitioned_by[0] if minds_type_of_time(model) else None


def minds_type_of_time(model: Any) -> bool:
    if getattr(model, "source_type", "") != "sql" or model.dialect != CLICKHOUSE:
        return False
    by_time = model.time_column and getattr(model.kind, "partition_by_time_column", False)
    return bool(by_time) and not internals.is_time_in_partitioned_by.get(model)
