"""What SQLMesh asks of the lineage above and below a snapshot to categorise it, without sets of all that is there.

`PlanBuilder` has two sets for each snapshot. It looks in them for no more than which categories there are above,
and whether there is a model without columns below; but with ten thousand models they take minutes and gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from .. import internals
from .planner import Planner


def near_lineage(planner: Planner) -> Any:
    """Puts one in the place of the sets above, gives one that stands for those below."""
    internals.upstream.set(planner.dag, Above(planner).of)
    return Below(planner)


class Above:
    """Stands for the sets of what is above, while snapshots are categorised in the DAG's order."""

    def __init__(self, planner: Planner) -> None:
        self.order: Iterator[Any] = iter(planner.dag)
        self.is_new = internals.is_new_snapshot.get(planner.builder)
        self.snapshots = planner.difference.snapshots
        # By id: of what is new above, one of each category.
        self.found: dict[Any, dict[Any, Any]] = {}

    def of(self, one: Any) -> set[Any]:
        """Its parents, and one of each category that new snapshots above it have; these are categorised."""
        while one not in self.found:
            following = next(self.order)
            self.found[following] = self.look(following)
        return {*parents_of(one, self.snapshots), *self.found[one].values()}

    def look(self, one: Any) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for parent in parents_of(one, self.snapshots):
            found.update(self.found[parent])
            snapshot = self.snapshots.get(parent)
            if snapshot and self.is_new(snapshot):
                found[snapshot.change_category, snapshot.is_forward_only] = parent
        return found


class Below:
    """Stands for the sets of what follows from each directly modified snapshot, by id."""

    def __init__(self, planner: Planner) -> None:
        self.difference = planner.difference
        self.snapshots = planner.difference.snapshots

    def get(self, one: Any, default: set[Any]) -> set[Any]:
        """A model without columns, if there is one."""
        return {self.unnamed[one]} if one in self.unnamed else default

    @cached_property
    def unnamed(self) -> dict[Any, Any]:
        """By id of all that is above such models: one of them."""
        ahead = [(one, one) for one in self.snapshots if self.is_unnamed(one)]
        found: dict[Any, Any] = {}
        while ahead:
            one, unnamed = ahead.pop()
            for parent in parents_of(one, self.snapshots):
                if parent not in found:
                    found[parent] = unnamed
                    ahead.append((parent, unnamed))
        return found

    def is_unnamed(self, one: Any) -> bool:
        snapshot = self.snapshots[one]
        return (
            one.name in self.difference.modified_snapshots
            and not self.difference.directly_modified(one.name)
            and snapshot.is_model
            and snapshot.model.columns_to_types is None
        )


def parents_of(one: Any, snapshots: dict[Any, Any]) -> tuple[Any, ...]:
    return snapshots[one].parents if one in snapshots else ()
