"""Asks SQLMesh which snapshot versions a change makes new, by its own categorisation of the change.

Both commits' loads have left their models in a folder each. There is no state: the base stands for what is
deployed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = [HERE, os.path.join(os.path.dirname(HERE), "python")]
sys.path[:0] = OURS
from answering import answer
from probe_catalogs import Notices
from probe_columns import Later, give_columns
from probe_context import import_early, open_context
from probe_evident import Evident
from probe_files import files_that_mention
from probe_judging import Known, Verdicts, as_known, categorise_snapshots
from probe_kept import kept, pickled, unpickled
from probe_load import prepared_loaders
from probe_scope import NarrowProject, Scope

sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") not in OURS]


def categorise(request: dict[str, Any]) -> dict[str, str]:
    context, _ = open_context(request, Notices())
    folders = {side: Path(folder) for side, folder in request["kept"].items()}
    before, after = (kept(request["models"], folders[side]) for side in ("base", "head"))
    # What base did not load is as it is here.
    before |= {fqn: after[fqn] for fqn in request["same"] if fqn in after}
    evident = Evident()
    wanted = {fqn: known_as(evident, content) for fqn, content in after.items()}
    base = {
        fqn: wanted[fqn] if content == after.get(fqn) else known_as(evident, content)
        for fqn, content in before.items()
    }
    lost = {fqn for own in (base, wanted) for fqn, model in own.items() if model is None}
    lost = below(lost, {fqn: model for fqn, model in wanted.items() if model is not None})
    known, head = ({fqn: own[fqn] for fqn in own.keys() - lost} for own in (base, wanted))
    for own, parents in ((known, request["parents"]["base"]), (head, request["parents"]["head"])):
        for fqn in own.keys() & parents.keys():
            # SQLMesh would render the model for it once more.
            own[fqn]._full_depends_on = set(parents[fqn])
    for fqn in known.keys() & head.keys():
        if known[fqn] is head[fqn]:
            # Equal models have equal hashes: what they are takes rendering and matters to no category.
            head[fqn]._data_hash = head[fqn]._metadata_hash = fqn
    others = Others(context, folders["head"], Path(request["tree"]), request["narrow"], evident)
    later = give_columns(known, head, others.find, evident, context.cache_dir)
    return versions_of(known, head, later)


def known_as(evident: Evident, content: bytes) -> Any:
    """The model, of which it is known from now on what is evident; None if it cannot be had."""
    found = unpickled(content)
    if found is None:
        return None
    model, columns = found
    if model.source_type == "sql":
        evident.know(model, columns)
    return model


class Others:
    """Models of head that the change does not move, as they are asked for."""

    def __init__(
        self, context: Any, folder: Path, tree: Path, narrow: bool, evident: Evident
    ) -> None:
        """`narrow`: not all of them were loaded."""
        self.context = context
        self.folder = folder
        self.scope = Scope(tree, [], seeds=False, base=None)
        self.narrow = narrow
        self.evident = evident
        self.more: dict[str, bytes] = {}

    def find(self, fqns: set[str]) -> dict[str, Any]:
        """Those that are there and can be had."""
        found = kept(fqns, self.folder)
        missing = fqns - found.keys() - self.more.keys()
        for project in self.projects if missing and self.narrow else []:
            mentioned = files_that_mention(project.files, missing, "names")
            self.more.update(project.load_more(mentioned))
        contents = {**self.more, **found}
        models = {fqn: known_as(self.evident, contents.get(fqn, b"")) for fqn in fqns}
        return {fqn: model for fqn, model in models.items() if model is not None}

    @cached_property
    def projects(self) -> list[NarrowProject]:
        loaders = prepared_loaders(self.context)
        projects = [NarrowProject(loader, pickling, self.scope) for loader in loaders]
        for project in projects:
            project.load_first()
        return projects


def pickling(_project: Path, _macros: Iterable[str]) -> Callable[[Any], tuple[str, bytes]]:
    return lambda model: (model.fqn, pickled(model))


def below(lost: set[str], models: dict[str, Any]) -> set[str]:
    """The lost models and all that depend on them: their category depends on what is not known."""
    found, size = set(lost), -1
    while lost and size != len(found):
        size = len(found)
        found |= {fqn for fqn, model in models.items() if model.depends_on & found}
    return found


def versions_of(base: dict[str, Any], head: dict[str, Any], later: Later) -> dict[str, str]:
    """`PlanBuilder`'s categories of head against base (sqlmesh/core/plan/builder.py)."""
    verdicts = Verdicts(later)
    with as_known(verdicts):
        while True:
            try:
                return categories_of(base, head, verdicts)
            except Known:
                verdicts.spared.clear()


def categories_of(base: dict[str, Any], head: dict[str, Any], verdicts: Verdicts) -> dict[str, str]:
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
    categorise_snapshots(PlanBuilder(difference), difference, verdicts)
    versions = {
        fqn: "new" if new.version != old.version else "reused"
        for fqn, (new, old) in difference.modified_snapshots.items()
    }
    # What both commits have and the difference lacks is as it was.
    versions = {**{fqn: "reused" for fqn in before.keys() & after.keys()}, **versions}
    return {fqn: version for fqn, version in versions.items() if fqn not in verdicts.spared}


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
