"""SQLMesh's planner of two commits' models, of which base's stand for what is deployed: there is no state."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from .. import internals
from ..describe.model import reuses_version
from .model_source import Models


class Planner:
    """`PlanBuilder` (sqlmesh/core/plan/builder.py) and what it is given."""

    def __init__(self, base: Models, head: Models, settings: dict[str, Any]) -> None:
        from sqlmesh.core.context_diff import ContextDiff
        from sqlmesh.core.plan import PlanBuilder

        options = {"environment_statements": [], "infer_python_dependencies": False}
        deployed = Deployed(snapshots(base))
        self.difference = ContextDiff.create("prod", snapshots(head), "prod", deployed, **options)
        self.builder = PlanBuilder(self.difference, **settings)
        self.dag = internals.build_dag.get(self.builder)()

    def categorise(self, indirectly_modified: Any) -> None:
        internals.categorize_snapshots.get(self.builder)(self.dag, indirectly_modified)

    def versions(self, spared: set[str]) -> dict[str, str]:
        """`spared`: fqns of models about which nothing is said."""
        own = self.difference.snapshots.keys() - self.difference.added
        versions = {one.name: "reused" for one in own}
        for fqn, (new, old) in self.difference.modified_snapshots.items():
            versions[fqn] = "reused" if new.version == old.version else "new"
        return {fqn: version for fqn, version in versions.items() if fqn not in spared}

    def left_open(self) -> set[str]:
        """The models whose category SQLMesh leaves to a person, and those below that it may decide."""
        certain = not self.keeps_versions()
        found: set[str] = set()
        for one in self.dag:
            if one.name not in self.difference.modified_snapshots:
                continue
            snapshot = self.difference.snapshots[one]
            follows = self.difference.indirectly_modified(one.name) and any(
                parent.name in found for parent in snapshot.parents
            )
            undecided = follows and not (certain and is_broken(snapshot))
            if snapshot.change_category is None or undecided:
                found.add(one.name)
        return found

    def keeps_versions(self) -> bool:
        """Whether there is a model that keeps its version whatever its category is."""
        models = [one.model for one in self.difference.snapshots.values() if one.is_model]
        return any(reuses_version(model) is not None for model in models)


def is_broken(snapshot: Any) -> bool:
    category = snapshot.change_category
    return category is not None and category.name in ("BREAKING", "INDIRECT_BREAKING")


def snapshots(models: Models) -> dict[str, Any]:
    from sqlmesh.core.snapshot import Snapshot

    cache: dict[str, Any] = {}
    return {
        fqn: Snapshot.from_node(model, nodes=models, cache=cache) for fqn, model in models.items()
    }


class Deployed:
    """What `ContextDiff` asks of the state: an environment that holds these snapshots."""

    def __init__(self, snapshots: dict[str, Any]) -> None:
        from sqlmesh.core.snapshot import SnapshotChangeCategory

        self.snapshots = snapshots
        for snapshot in snapshots.values():
            snapshot.categorize_as(SnapshotChangeCategory.BREAKING)

    def get_environment(self, name: str) -> Any:
        infos = [snapshot.table_info for snapshot in self.snapshots.values()]
        return SimpleNamespace(
            name=name,
            expired=False,
            snapshots=infos,
            promoted_snapshots=infos,
            finalized_or_current_snapshots=infos,
            finalized_ts=1,
            normalize_name=True,
            plan_id="base",
            previous_finalized_snapshots=None,
            requirements={},
            gateway_managed=False,
        )

    def get_snapshots(self, ids: Any) -> dict[Any, Any]:
        known = {snapshot.snapshot_id: snapshot for snapshot in self.snapshots.values()}
        wanted = [one.snapshot_id for one in ids]
        return {one: known[one] for one in wanted if one in known}

    def get_environment_statements(self, name: str) -> list[Any]:
        return []
