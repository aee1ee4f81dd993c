"""Asks SQLMesh which snapshot versions a change makes new, by its own categorisation of the change.

Both commits' loads have left their models in a folder each. There is no state: the base stands for what is
deployed.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ..describe.declared_columns import Evident
from ..describe.model_store import kept
from ..describe.time_partitions import waits_for_columns
from ..narrow.narrow_load import NarrowProject
from .columns import Later, give_columns
from .lazy_categoriser import categorise_snapshots
from .unchanged_models import Others, give_parents, known_as
from .verdict_cache import Known, Verdicts, as_known


def categorise(
    request: dict[str, Any], context: Any, projects: list[NarrowProject] | None
) -> dict[str, str]:
    """`new` or `reused` by fqn. `context`: of head. `projects`: its own, if only some files were loaded with it."""
    folders = {side: Path(folder) for side, folder in request["kept"].items()}
    parents = request["parents"]
    evident = Evident()
    others = Others(context, projects, folders["head"], request, evident)
    before, after = (kept(request["models"], folders[side]) for side in ("base", "head"))
    # What base did not load is as it is here.
    before |= {fqn: after[fqn] for fqn in request["same"] if fqn in after}
    # A parent that a model gains or loses is part of its fingerprint, also where it is not asked about.
    turned = others.contents(turned_parents(parents) - before.keys() - after.keys())
    before = {**turned, **kept(turned, folders["base"]), **before}
    after = {**turned, **after}
    wanted = {fqn: known_as(evident, content) for fqn, content in after.items()}
    if any(model is not None and is_forward_only(model) for model in wanted.values()):
        # What follows from such a change is decided by all changes above, those of metadata too.
        more = others.contents(others.retold(folders["base"]) - after.keys())
        before = {**more, **kept(more, folders["base"]), **before}
        after |= more
        wanted |= {fqn: known_as(evident, content) for fqn, content in more.items()}
    base = {
        fqn: wanted[fqn] if content == after.get(fqn) else known_as(evident, content)
        for fqn, content in before.items()
    }
    lost = {
        fqn
        for own in (base, wanted)
        for fqn, model in own.items()
        # Also where the hash that is known here is not the one that SQLMesh compares.
        if model is None or waits_for_columns(model)
    }
    lost = below(lost, {fqn: model for fqn, model in wanted.items() if model is not None})
    known, head = ({fqn: own[fqn] for fqn in own.keys() - lost} for own in (base, wanted))
    give_parents(known, {**others.parents, **parents["base"]})
    give_parents(head, others.parents)
    for fqn in known.keys() & head.keys():
        if known[fqn] is head[fqn]:
            # Equal models have equal hashes: what they are takes rendering and matters to no category.
            head[fqn]._data_hash = head[fqn]._metadata_hash = fqn
    later = give_columns(known, head, others.find, evident)
    versions = versions_of(known, head, later, plan_settings(context))
    return {fqn: versions[fqn] for fqn in versions.keys() & set(request["models"])}


def turned_parents(parents: dict[str, dict[str, list[str]]]) -> set[str]:
    """Those that some model has on one commit alone."""
    old, new = parents["base"], parents["head"]
    both = old.keys() & new.keys()
    return set().union(*(set(old[fqn]) ^ set(new[fqn]) for fqn in both))


def is_forward_only(model: Any) -> bool:
    return bool(getattr(model, "forward_only", False))


def below(lost: set[str], models: dict[str, Any]) -> set[str]:
    """The lost models and all that depend on them: their category depends on what is not known."""
    found, size = set(lost), -1
    while lost and size != len(found):
        size = len(found)
        found |= {fqn for fqn, model in models.items() if model.depends_on & found}
    return found


def plan_settings(context: Any) -> dict[str, Any]:
    """What the project's configuration tells a plan of categories (`Context.plan_builder`)."""
    plan = context.config.plan
    return {
        "forward_only": plan.forward_only,
        "categorizer_config": plan.auto_categorize_changes,
    }


def versions_of(
    base: dict[str, Any], head: dict[str, Any], later: Later, settings: dict[str, Any]
) -> dict[str, str]:
    """`PlanBuilder`'s categories of head against base (sqlmesh/core/plan/builder.py)."""
    verdicts = Verdicts(later)
    with as_known(verdicts):
        while True:
            try:
                return categories_of(base, head, verdicts, settings)
            except Known:
                verdicts.spared.clear()


def categories_of(
    base: dict[str, Any], head: dict[str, Any], verdicts: Verdicts, settings: dict[str, Any]
) -> dict[str, str]:
    from sqlmesh.core.plan import PlanBuilder

    before, after = snapshots(base), snapshots(head)
    difference = difference_of(before, after)
    categorise_snapshots(PlanBuilder(difference, **settings), difference, verdicts)
    versions = {
        fqn: "new" if new.version != old.version else "reused"
        for fqn, (new, old) in difference.modified_snapshots.items()
    }
    # What both commits have and the difference lacks is as it was.
    versions = {**{fqn: "reused" for fqn in before.keys() & after.keys()}, **versions}
    return {fqn: version for fqn, version in versions.items() if fqn not in verdicts.spared}


def difference_of(before: dict[str, Any], after: dict[str, Any]) -> Any:
    """What `PlanBuilder` is given: the snapshots of head against those of base, which are deployed."""
    from sqlmesh.core.context_diff import ContextDiff
    from sqlmesh.core.snapshot import SnapshotChangeCategory

    for snapshot in before.values():
        snapshot.categorize_as(SnapshotChangeCategory.BREAKING)
    return ContextDiff.create(
        "prod",
        after,
        "prod",
        Deployed(before),
        environment_statements=[],
        infer_python_dependencies=False,
    )


def snapshots(models: dict[str, Any]) -> dict[str, Any]:
    from sqlmesh.core.snapshot import Snapshot

    cache: dict[str, Any] = {}
    return {
        fqn: Snapshot.from_node(model, nodes=models, cache=cache) for fqn, model in models.items()
    }


class Deployed:
    """What `ContextDiff` asks of the state: an environment that holds the base's snapshots."""

    def __init__(self, snapshots: dict[str, Any]) -> None:
        self.snapshots = snapshots

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
