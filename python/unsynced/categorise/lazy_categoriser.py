"""Categorises as `PlanBuilder` does, and spares it the changes whose category makes no difference.

Whether a change breaks what depends on it, or changes data at all, takes two optimised queries to tell. Where a
child of the model is under another change that breaks it, its category is settled, and so are those of all
below. Where all children are, nothing depends on the model's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import internals
from .model_source import Models
from .plain import categorise_all
from .planner import Planner, is_broken
from .verdict_cache import AskAgain, Verdicts, as_known


def categorise_lazily(
    base: Models, head: Models, settings: dict[str, Any], later: Any, lineage: Callable[..., Any]
) -> dict[str, str]:
    if later is None:
        return categorise_all(base, head, settings, None, lineage)
    verdicts = Verdicts(later)
    with as_known(verdicts):
        while True:
            try:
                return categorised(Planner(base, head, settings), verdicts, lineage)
            except AskAgain:
                verdicts.spared.clear()


def categorised(
    planner: Planner, verdicts: Verdicts, lineage: Callable[..., Any]
) -> dict[str, str]:
    """@raises AskAgain if it has to be done again, with new snapshots"""
    judge = Judge(planner, verdicts)
    below = Settled(lineage(planner), judge.settle)
    with internals.categorize_change.replaced(judge.category):
        planner.categorise(below)
    return planner.versions(verdicts.spared | planner.left_open())


class Settled:
    """What is below each snapshot, of whose change it is found out first whether it is one: below a change SQLMesh looks
    for a model without columns, and where there is one it looks no further."""

    def __init__(self, below: Any, settle: Callable[[str], None]) -> None:
        self.below, self.settle = below, settle

    def get(self, one: Any, default: set[Any]) -> set[Any]:
        self.settle(one.name)
        return self.below.get(one, default)


class Judge:
    def __init__(self, planner: Planner, verdicts: Verdicts) -> None:
        self.difference, self.verdicts = planner.difference, verdicts
        self.real = internals.categorize_change.value
        self.config = internals.categorizer_config.get(planner.builder)
        self.children: dict[str, list[Any]] = {}
        self.level: dict[str, int] = {}
        for one in planner.dag:
            snapshot = self.difference.snapshots.get(one)
            if snapshot is None:
                continue
            parents = [parent.name for parent in snapshot.parents]
            above = (self.level.get(parent, -1) for parent in parents)
            self.level[one.name] = 1 + max(above, default=-1)
            for parent in parents:
                self.children.setdefault(parent, []).append(snapshot)
        # SQLMesh's versions do not agree on what becomes of children of such a model.
        forward_only = internals.forward_only.get(planner.builder)
        self.foresees = not forward_only and not planner.keeps_versions()
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
        self.verdicts.find(pairs, lambda *pair: self.real(*pair, config=self.config))

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
