"""What Dagster's definitions of partitions and its mappings are, as far as it can be told without an instance."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

# Stands for any partition of a definition that cannot be listed.
ANY = "any"


class Dynamic:
    """Stands in for an instance: of dynamic partitions there is one, whose name means nothing."""

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        return [ANY]

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        return partition_key == ANY

    def get_paginated_dynamic_partitions(
        self, partitions_def_name: str, limit: int, ascending: bool, cursor: str | None = None
    ) -> Any:
        from dagster._core.storage.dagster_run import PaginatedResults

        return PaginatedResults(results=[ANY], cursor="", has_more=False)

    def get_dynamic_partitions_definition_id(self, partitions_def_name: str) -> str:
        return partitions_def_name


SPARSE = {"IdentityPartitionMapping", "StaticPartitionMapping"}
SAME_FOR_ALL = {"AllPartitionMapping", "LastPartitionMapping", "SpecificPartitionsPartitionMapping"}


def loading_at(at: datetime) -> AbstractContextManager[Any]:
    from dagster._core.definitions.partitions.context import partition_loading_context
    from dagster._core.instance import DynamicPartitionsStore

    # A subclass only here, where the user's Dagster is imported.
    store = type("Dynamic", (Dynamic, DynamicPartitionsStore), {})
    return partition_loading_context(at, store())


def most_read() -> int:
    from dagster._core.definitions import data_version

    return data_version.SKIP_PARTITION_DATA_VERSION_DEPENDENCY_THRESHOLD


def most_of_itself() -> int:
    from dagster._core.definitions import data_version

    return data_version.SKIP_PARTITION_DATA_VERSION_SELF_DEPENDENCY_THRESHOLD


def hashable(definition: Any) -> Any:
    try:
        hash(definition)
    except Exception:  # noqa: BLE001 - a class of the user's own
        return id(definition)
    return definition


def dimensions(definition: Any) -> dict[str | None, Any]:
    """Those of a grid of partitions, or the definition itself."""
    import dagster

    if isinstance(definition, dagster.MultiPartitionsDefinition):
        return {each.name: each.partitions_def for each in definition.partitions_defs}
    return {None: definition}


def is_dynamic(definition: Any) -> bool:
    import dagster

    kinds = dimensions(definition).values()
    return any(isinstance(kind, dagster.DynamicPartitionsDefinition) for kind in kinds)


def has_function(definition: Any) -> bool:
    """The deprecated way to make dynamic partitions, which would run the user's code."""
    return any(getattr(kind, "partition_fn", None) for kind in dimensions(definition).values())


def is_closed(definition: Any, at: datetime) -> bool:
    """Whether neither time nor an instance can add a partition."""
    import dagster

    for kind in dimensions(definition).values():
        if type(kind) is dagster.StaticPartitionsDefinition:
            continue
        end = kind.end if isinstance(kind, dagster.TimeWindowPartitionsDefinition) else None
        if end is None or end > at:
            return False
    return True


def is_tracked(mapping: Any, parent: Any, number: int, same: bool) -> bool:
    """Not where `_get_partition_dependencies` does not look at a parent at all; `number`: of its partitions."""
    import dagster

    if same and number >= most_of_itself():
        return False
    return not (
        isinstance(parent, dagster.TimeWindowPartitionsDefinition)
        and isinstance(mapping, dagster.AllPartitionMapping)
    )


def is_resolved(mapping: Any, own: Any, parent: Any) -> bool:
    """Whether a mapping is Dagster's, and its answer does not hang on what dynamic partitions there are."""
    kind = type(mapping)
    if kind.__module__.split(".")[0] != "dagster":
        return False
    if kind.__name__ in SAME_FOR_ALL:
        return not is_dynamic(parent)
    if own is None:
        return not is_dynamic(parent)
    if hasattr(mapping, "get_dimension_dependencies"):
        return all_dimensions_resolved(mapping, own, parent)
    return own == parent or not (is_dynamic(own) or is_dynamic(parent))


def all_dimensions_resolved(mapping: Any, own: Any, parent: Any) -> bool:
    try:
        dependencies = mapping.get_dimension_dependencies(parent, own)
    except Exception:  # noqa: BLE001 - Dagster's page fails there, and says no status
        return False
    owns, parents = dimensions(own), dimensions(parent)
    mapped = {each.upstream_dimension_name for each in dependencies}
    # A parent's dimension without a mapping is read whole.
    if any(is_dynamic(kind) for name, kind in parents.items() if name not in mapped):
        return False
    return all(
        is_resolved(
            each.partition_mapping,
            owns.get(each.downstream_dimension_name, own),
            parents.get(each.upstream_dimension_name, parent),
        )
        for each in dependencies
    )
