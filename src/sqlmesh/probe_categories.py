"""Asks SQLMesh which snapshot versions a change makes new, by its own categorisation of the change.

Two processes, one a commit: the first leaves the base's models in a file, the second compares the
head's with them. There is no state: the base stands for what is deployed.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = [HERE, os.path.join(os.path.dirname(HERE), "python")]
sys.path[:0] = OURS
from answering import Refused, answer
from probe_catalogs import Notices
from probe_columns import Later, give_columns
from probe_context import import_early, open_context
from probe_files import files_that_mention
from probe_judging import categorise_snapshots
from probe_load import load_project, prepared_loaders
from probe_scope import NarrowProject, Scope, can_narrow

sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") not in OURS]


def categorise(request: dict[str, Any]) -> dict[str, Any]:
    context, raw = open_context(request, Notices())
    if request["files"] is not None and not (raw and can_narrow(context)):
        raise Refused("load-failed", "This project can only be loaded as a whole.")
    models = AllModels(context) if request["files"] is None else SomeModels(context, request)
    exchange = Path(request["exchange"])
    after = {fqn: models.contents[fqn] for fqn in request["models"] if fqn in models.contents}
    if request["side"] == "base":
        exchange.write_bytes(pickle.dumps(after))
        return {}
    before = pickle.loads(exchange.read_bytes())
    # What base did not load is as it is here.
    before |= {fqn: after[fqn] for fqn in request["same"] if fqn in after}
    wanted = {fqn: unpickled(content) for fqn, content in after.items()}
    base = {
        fqn: as_before(content, after.get(fqn), wanted.get(fqn)) for fqn, content in before.items()
    }
    lost = {fqn for own in (base, wanted) for fqn, model in own.items() if model is None}
    lost = below(lost, {fqn: model for fqn, model in wanted.items() if model is not None})
    known, head = ({fqn: own[fqn] for fqn in own.keys() - lost} for own in (base, wanted))
    for own, parents in ((known, request["parents"]["base"]), (head, request["parents"]["head"])):
        for fqn in own.keys() & parents.keys():
            # SQLMesh would render the model for it once more.
            own[fqn]._full_depends_on = set(parents[fqn])
    later = give_columns(known, head, models.find, context.cache_dir)
    return versions_of(known, head, later)


class Models:
    """Models as they were loaded, without columns: pickled where they were parsed, so that those which
    are equal on both commits are never made twice."""

    def __init__(self, pairs: Iterable[tuple[str, bytes | None]]) -> None:
        self.contents = dict(pairs)

    def find(self, fqns: set[str]) -> dict[str, Any]:
        """Those that are there and can be had."""
        found = {fqn: unpickled(self.contents.get(fqn)) for fqn in fqns}
        return {fqn: model for fqn, model in found.items() if model is not None}


class AllModels(Models):
    """The models of a whole load."""

    def __init__(self, context: Any) -> None:
        loaders = prepared_loaders(context)
        super().__init__(pair for loader in loaders for pair in load_project(loader, pickling))


class SomeModels(Models):
    """The models of some files, and others as they are asked for."""

    def __init__(self, context: Any, request: dict[str, Any]) -> None:
        tree, searches = Path(request["tree"]), request["side"] == "head"
        scope = Scope(tree, request["files"], seeds=False, base={} if searches else None)
        self.projects = [NarrowProject(one, pickling, scope) for one in prepared_loaders(context)]
        super().__init__(pair for project in self.projects for pair in project.load_first())

    def find(self, fqns: set[str]) -> dict[str, Any]:
        missing = fqns - self.contents.keys()
        for project in self.projects if missing else []:
            mentioned = files_that_mention(project.files, missing, "names")
            self.contents.update(project.load_more(mentioned))
        return super().find(fqns)


def pickling(_project: Path, _macros: Iterable[str]) -> Callable[[Any], tuple[str, bytes | None]]:
    return lambda model: (model.fqn, attempt(lambda: pickle.dumps(model)))


def unpickled(content: bytes | None) -> Any:
    return None if content is None else attempt(lambda: pickle.loads(content))


def attempt(work: Callable[[], Any]) -> Any:
    """A model with a kind of the project's own may not travel; then its version stays unknown."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - each such class has its own reason
        return None


def as_before(old: bytes | None, new: bytes | None, model: Any) -> Any:
    """The base's model; that of head where it is the same. Equal models have equal hashes: what they are
    takes rendering and matters to no category."""
    if old is None or old != new:
        return unpickled(old)
    model._data_hash = model._metadata_hash = hashlib.sha256(old).hexdigest()
    return model


def below(lost: set[str], models: dict[str, Any]) -> set[str]:
    """The lost models and all that depend on them: their category depends on what is not known."""
    found, size = set(lost), -1
    while lost and size != len(found):
        size = len(found)
        found |= {fqn for fqn, model in models.items() if model.depends_on & found}
    return found


def versions_of(base: dict[str, Any], head: dict[str, Any], later: Later) -> dict[str, str]:
    """`PlanBuilder`'s categories of head against base (sqlmesh/core/plan/builder.py)."""
    from sqlmesh.core.context_diff import ContextDiff
    from sqlmesh.core.plan import PlanBuilder
    from sqlmesh.core.snapshot import SnapshotChangeCategory

    before, after = snapshots(base), snapshots(head)
    for snapshot in before.values():
        snapshot.categorize_as(SnapshotChangeCategory.BREAKING)
    difference = ContextDiff.create(
        "prod",
        after,
        "prod",
        Deployed(before),
        environment_statements=[],
        infer_python_dependencies=False,
    )
    categorise_snapshots(PlanBuilder(difference), difference, later)
    versions = {
        fqn: "new" if new.version != old.version else "reused"
        for fqn, (new, old) in difference.modified_snapshots.items()
    }
    # What both commits have and the difference lacks is as it was.
    return {**{fqn: "reused" for fqn in before.keys() & after.keys()}, **versions}


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


if __name__ == "__main__":
    import_early()
    answer("versions", categorise)
