"""Categorises as `PlanBuilder` does, and spares it the changes whose category makes no difference.

Whether a change breaks what depends on it, or changes data at all, takes two optimised queries to tell. Where a
child of the model is under another change that breaks it, its category is settled, and so are those of all
below. Where all children are, nothing depends on the model's own.
"""

from __future__ import annotations

from typing import Any

from ..describe.model import reuses_version
from .lineage import Above, Below
from .verdict_cache import Verdicts


def categorise_snapshots(builder: Any, difference: Any, verdicts: Verdicts) -> None:
    """@raises Known if it has to be done again, with new snapshots"""
    from sqlmesh.core.plan import builder as module

    dag = builder._build_dag()
    real = module.categorize_change
    judge = Judge(builder, difference, verdicts, real, dag)
    module.categorize_change = judge.category
    dag.upstream = Above(dag, builder).of
    try:
        builder._categorize_snapshots(dag, Below(difference, judge.settle))
    finally:
        module.categorize_change = real
    verdicts.spared |= left_open(difference, dag)


class Judge:
    def __init__(
        self, builder: Any, difference: Any, verdicts: Verdicts, real: Any, dag: Any
    ) -> None:
        self.builder = builder
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
        self.foresees = not builder._forward_only and not keeps_versions(difference)
        self.idle = self.below_views()

    def category(self, new: Any, old: Any, **options: Any) -> Any:
        from sqlmesh.core.snapshot import SnapshotChangeCategory

        if new.name not in self.verdicts.later.models:
            return self.real(new, old, **options)
        self.settle(new.name)
        if new.name in self.verdicts.spared:
            return SnapshotChangeCategory.BREAKING
        return self.verdicts.category(new.name)

    def settle(self, fqn: str) -> None:
        """Finds out about a change before anything is made of it, if it is one of those that are left for later."""
        later, found = self.verdicts.later.models, self.verdicts.found
        if fqn not in later or fqn in found or fqn in self.verdicts.spared:
            return
        if not self.matters(fqn):
            self.verdicts.spared.add(fqn)
            return
        # Those on one level at once, on all cores.
        level = self.level[fqn]
        others = {other for other in later - found.keys() if self.level.get(other) == level}
        pairs = {
            other: self.difference.modified_snapshots[other]
            for other in sorted(others)
            if self.difference.directly_modified(other) and self.matters(other)
        }
        config = self.builder._categorizer_config
        self.verdicts.find(pairs, lambda *pair: self.real(*pair, config=config))

    def matters(self, fqn: str) -> bool:
        """Whether a child's category, or whether it follows, may depend on that of this model."""
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
        new, old = self.difference.modified_snapshots[one.name]
        if one.name in self.idle and not self.difference.directly_modified(one.name):
            return False
        # What reads a version that stays follows only if another one moves.
        return is_broken(new) and new.version != old.version

    def below_views(self) -> set[str]:
        """Materialized views and all below them: any change above gives such a view a new version, and what reads it,
        also one after which nothing runs in Dagster."""
        ahead = [new for new, _ in self.difference.modified_snapshots.values()]
        ahead = [new for new in ahead if new.is_materialized_view]
        found: set[str] = set()
        while ahead:
            name = ahead.pop().name
            if name not in found:
                found.add(name)
                ahead += self.children.get(name, [])
        return found


def left_open(difference: Any, dag: Any) -> set[str]:
    """The models whose category SQLMesh leaves to a person, and those below that it may decide."""
    certain = not keeps_versions(difference)
    found: set[str] = set()
    for one in dag:
        if one.name not in difference.modified_snapshots:
            continue
        snapshot = difference.snapshots[one]
        follows = difference.indirectly_modified(one.name) and any(
            parent.name in found for parent in snapshot.parents
        )
        if snapshot.change_category is None or (follows and not (certain and is_broken(snapshot))):
            found.add(one.name)
    return found


def is_broken(snapshot: Any) -> bool:
    category = snapshot.change_category
    return category is not None and category.name in ("BREAKING", "INDIRECT_BREAKING")


def keeps_versions(difference: Any) -> bool:
    """Whether there is a model that keeps its version whatever its category is."""
    models = [one.model for one in difference.snapshots.values() if one.is_model]
    return any(reuses_version(model) is not None for model in models)
