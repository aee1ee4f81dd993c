"""Categorises as `PlanBuilder` does, and spares it the changes whose category makes no difference.

Whether a change breaks what depends on it, or changes data at all, takes two optimised queries to tell. Where a
child of the model is under another change that breaks it, its category is settled, and so are those of all
below. Where all children are, nothing depends on the model's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from probe_columns import Later
from probe_derived import is_metadata_only
from probe_lineage import Above, Below
from probe_workers import in_workers

# What SQLMesh makes of a change that gives the same optimised query, as a name of a category.
NO_CHANGE = "NO_CHANGE"


class Known(Exception):
    """It has become known that a model's change is none, after others were categorised as if it were one."""


class Verdicts:
    """What is known of the changes that are looked at only where that makes a difference."""

    def __init__(self, later: Later) -> None:
        self.later = later
        # By fqn: the name of the category, or NO_CHANGE.
        self.found: dict[str, str] = {}
        # Models whose own category stays open.
        self.spared: set[str] = set()

    def category(self, fqn: str) -> Any:
        from sqlmesh.core.snapshot import SnapshotChangeCategory

        return SnapshotChangeCategory[self.found[fqn]]

    def find(self, pairs: dict[str, tuple[Any, Any]], categorise: Callable[..., Any]) -> None:
        """`pairs`: new and old snapshots. `categorise`: SQLMesh's own function of both."""
        self.later.prepare(set(pairs))

        def find_one(fqn: str) -> str:
            new, old = pairs[fqn]
            if self.later.differ(old.model, new.model):
                # Not in projections that were added, so that nobody knows that it breaks nothing.
                self.later.changes[fqn] = (False, None)
                return categorise(new, old).name
            self.later.give(old.model, new.model)
            if is_metadata_only(new.model, old.model):
                return NO_CHANGE
            return categorise(new, old).name

        self.found.update(zip(pairs, in_workers(find_one, pairs)))
        if any(self.found[fqn] == NO_CHANGE for fqn in pairs):
            raise Known


@contextmanager
def as_known(verdicts: Verdicts) -> Iterator[None]:
    """A change of data counts as one until it is known that it is none; what is known is not found out again."""
    from sqlmesh.core.model import SqlModel

    changes = verdicts.later.changes
    breaking = SqlModel.is_breaking_change
    metadata_only = getattr(SqlModel, "is_metadata_only_change", None)

    def is_breaking_change(self: Any, previous: Any) -> Any:
        return changes[self.fqn][1] if self.fqn in changes else breaking(self, previous)

    def is_metadata_only_change(self: Any, previous: Any) -> bool:
        if self.fqn in verdicts.found:
            return verdicts.found[self.fqn] == NO_CHANGE
        if self.fqn in changes:
            return changes[self.fqn][0]
        return self.fqn not in verdicts.later.moved and metadata_only(self, previous)

    SqlModel.is_breaking_change = is_breaking_change
    if metadata_only is not None:
        is_metadata_only_change.original = metadata_only
        SqlModel.is_metadata_only_change = is_metadata_only_change
    try:
        yield
    finally:
        SqlModel.is_breaking_change = breaking
        if metadata_only is not None:
            SqlModel.is_metadata_only_change = metadata_only


def categorise_snapshots(builder: Any, difference: Any, verdicts: Verdicts) -> None:
    """@raises Known if it has to be done again, with new snapshots"""
    from sqlmesh.core.plan import builder as module

    dag = builder._build_dag()
    real = module.categorize_change
    judge = Judge(difference, verdicts, real, dag)
    module.categorize_change = judge.category
    dag.upstream = Above(dag, builder).of
    try:
        builder._categorize_snapshots(dag, Below(difference))
    finally:
        module.categorize_change = real


class Judge:
    def __init__(self, difference: Any, verdicts: Verdicts, real: Any, dag: Any) -> None:
        self.difference, self.verdicts, self.real = difference, verdicts, real
        self.children: dict[str, list[Any]] = {}
        self.level: dict[str, int] = {}
        for one in dag:
            snapshot = difference.snapshots.get(one)
            if snapshot is None:
                continue
            parents = [parent.name for parent in snapshot.parents]
            above = (self.level.get(parent, -1) for parent in parents)
            self.level[one.name] = 1 + max(above, default=-1)
            for parent in parents:
                self.children.setdefault(parent, []).append(snapshot)
        # SQLMesh's versions do not agree on what becomes of children of such a model.
        snapshots = difference.snapshots.values()
        self.foresees = not any(one.is_model and is_forward_only(one.model) for one in snapshots)

    def category(self, new: Any, old: Any, **options: Any) -> Any:
        from sqlmesh.core.snapshot import SnapshotChangeCategory

        later, found = self.verdicts.later.models, self.verdicts.found
        if new.name not in later:
            return self.real(new, old, **options)
        if new.name not in found:
            if not self.matters(new.name):
                self.verdicts.spared.add(new.name)
                return SnapshotChangeCategory.BREAKING
            # Those on one level at once, on all cores.
            level = self.level[new.name]
            others = {fqn for fqn in later - found.keys() if self.level.get(fqn) == level}
            pairs = {
                fqn: self.difference.modified_snapshots[fqn]
                for fqn in sorted(others)
                if self.difference.directly_modified(fqn) and self.matters(fqn)
            }
            self.verdicts.find(pairs, lambda *pair: self.real(*pair, **options))
        return self.verdicts.category(new.name)

    def matters(self, fqn: str) -> bool:
        """Whether a child's category may depend on that of this model."""
        return any(
            not any(self.breaks(parent) for parent in child.parents if parent.name != fqn)
            for child in self.children.get(fqn, [])
            if self.difference.indirectly_modified(child.name)
        )

    def breaks(self, one: Any) -> bool:
        """Whether what reads this snapshot is known to have to be built anew."""
        if self.is_breaking(one):
            return True
        snapshot = self.difference.snapshots.get(one)
        return (
            self.foresees
            and snapshot is not None
            and snapshot.change_category is None
            and self.difference.indirectly_modified(one.name)
            and any(self.is_breaking(parent) for parent in snapshot.parents)
        )

    def is_breaking(self, one: Any) -> bool:
        # What is neither modified nor new has the category that it was deployed with.
        if one.name not in self.difference.modified_snapshots:
            return False
        snapshot = self.difference.snapshots.get(one)
        category = None if snapshot is None else snapshot.change_category
        return category is not None and category.name in ("BREAKING", "INDIRECT_BREAKING")


def is_forward_only(model: Any) -> bool:
    return bool(getattr(model, "forward_only", False))
