"""Categorises as `PlanBuilder` does, and spares it the changes whose category makes no difference.

Whether a change breaks what depends on it takes two optimised queries to tell. Where a child of the model
is under another change that breaks it, its category is settled, and so are those of all below.
"""

from __future__ import annotations

from typing import Any

from probe_columns import Later


def categorise_snapshots(builder: Any, difference: Any, later: Later) -> None:
    from sqlmesh.core.plan import builder as module

    dag = builder._build_dag()
    _, indirect = builder._build_directly_and_indirectly_modified(dag)
    real = module.categorize_change
    judge = Judge(difference, later, real, dag)
    module.categorize_change = judge.category
    try:
        builder._categorize_snapshots(dag, indirect)
    finally:
        module.categorize_change = real


class Judge:
    def __init__(self, difference: Any, later: Later, real: Any, dag: Any) -> None:
        self.difference, self.later, self.real = difference, later, real
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
        self.foresees = not any(is_forward_only(one) for one in difference.snapshots.values())

    def category(self, new: Any, old: Any, **options: Any) -> Any:
        from sqlmesh.core.snapshot import SnapshotChangeCategory

        if new.name in self.later.models:
            if not self.matters(new.name):
                return SnapshotChangeCategory.BREAKING
            # Those on one level at once, on all cores.
            level = self.level[new.name]
            others = {fqn for fqn in self.later.models if self.level.get(fqn) == level}
            self.later.give({fqn for fqn in others if self.matters(fqn)})
        return self.real(new, old, **options)

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


def is_forward_only(snapshot: Any) -> bool:
    return snapshot.is_model and bool(snapshot.model.forward_only)
