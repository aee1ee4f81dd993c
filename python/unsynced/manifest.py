"""Loads one commit's SQLMesh project in the user's Python and describes its models as one JSON document, and
tells which snapshot versions a change makes new.

No warehouse, no state, no network, nothing written to the project. From SQLMesh 0.213 on a data_hash
is a hash of the text (SQLMesh pull request 5256), so the loaders alone are enough; before that it is a
hash of the rendered query, and SQLMesh's own full load is the only way to it. manifest.ts has the
answer's schema.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from .categorise.categories import categorise
from .load.catalogs import Notices
from .load.context import forget_modules, import_early, installed, open_context
from .load.loaders import (
    Loaded,
    describers_for,
    describing,
    load_all,
    load_stock,
    merge,
    take_waiting,
)
from .load.refusals import Refusals, Undecided
from .load.validate_together import LoadedModels, base_has_cycle, refuse_models
from .narrow.narrow_load import NarrowProject, Scope, can_narrow, load_changed
from .observe.path_watch import Watch
from .observe.run_code import read_for_test, run_all
from .protocol import Refused, answer


def versions(distributions: list[str]) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "sqlmesh": installed("sqlmesh") or "unknown",
        "sqlglot": installed("sqlglot") or "unknown",
        "dagster": installed("dagster"),
        "integrations": {name: installed(name) for name in distributions},
    }


class Opened:
    """The project of this process, opened once."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.notices = Notices()
        # Before the project can change its variables.
        values = [os.environ.get(name, "") for name in request["env"]]
        self.secrets = [value for value in values if len(value) >= 4]
        self.context, self.raw, self.unknown_catalogs = open_context(request, self.notices)
        # As far as they were loaded narrowly.
        self.projects: list[NarrowProject] | None = None


opened: list[Opened] = []


def project_of(request: dict[str, Any]) -> Opened:
    if not opened:
        opened.append(Opened(request))
    return opened[0]


def load(request: dict[str, Any]) -> dict[str, Any]:
    project = project_of(request)
    context = project.context
    refusals = Refusals(Path(request["tree"]))
    loaded = load_models(request, project, refusals)
    return {
        "versions": versions(request["distributions"]),
        "gateway": context.selected_gateway,
        "defaultCatalog": context.default_catalog,
        "unknownCatalogs": project.unknown_catalogs,
        "loader": "fast" if loaded.fast else "full",
        "complete": loaded.complete,
        "others": loaded.others,
        "models": sorted(loaded.models, key=lambda model: model["fqn"]),
        "refused": refusals.first,
        "notices": project.notices.found,
    }


def load_models(request: dict[str, Any], project: Opened, refusals: Refusals) -> Loaded:
    context = project.context
    tree, scope = Path(request["tree"]), request["scope"]
    narrow = None if scope is None else Scope(tree, request["changed"], **scope)
    if narrow is not None and not (project.raw and can_narrow(context)):
        raise Refused("load-failed", "This project can only be loaded as a whole.")
    describers = describers_for(tree, project.secrets, request["changed"], scope is not None)
    folder = None if request["keep"] is None else Path(request["keep"])
    if folder is not None:
        folder.mkdir()
    if not project.raw:
        return load_stock(context, describers, folder, project.raw, refusals)
    # Validation may ask for the models again.
    folder = folder or Path(mkdtemp(dir=os.environ["SQLMESH_HOME"]))
    making = describing(describers, folder)
    if narrow is None:
        loaded = load_all(context, making, refusals)
    else:
        loaded = Loaded(complete=False, fast=True)
        project.projects = load_changed(context, making, narrow, loaded, refusals)
    merge(loaded)
    if take_waiting(loaded):
        if narrow is not None:
            raise Refused("load-failed", "Some hashes depend on the columns of the whole project.")
        forget_modules(tree)
        return load_stock(context, describers, folder, project.raw, refusals)
    if narrow is not None and base_has_cycle(loaded.models, narrow):
        raise Refused("load-failed", "Base's models depend on one another in a cycle.")
    # On base what models read is not there, unless all is loaded.
    known = None
    if narrow is None or narrow.base is not None:
        known = LoadedModels(folder, project.projects)
    try:
        refuse_models(refusals, loaded.models, names_of(project), known)
    except Undecided as undecided:
        if narrow is not None:
            raise Refused("load-failed", "Only a whole load can be validated.") from undecided
        forget_modules(tree)
        refusals.ask_stock(context)
    return loaded


def names_of(project: Opened) -> int:
    """Of how many parts a fqn is."""
    return 2 if project.context.default_catalog is None else 3


def versions_after(request: dict[str, Any]) -> dict[str, str]:
    """Asked of the process that has loaded head, or of a new one."""
    project = project_of(request)
    return categorise(request, project.context, project.projects)


def reads(request: dict[str, Any]) -> dict[str, Any]:
    """Asked of a fork, which watches itself until it ends."""
    tree = Path(request["tree"])
    changed = request["changed"]
    read_for_test(Path(request["selfTest"]))
    Watch(tree, changed, request["moving"], request["listed"], Path(request["log"]))
    project = project_of(request)
    if not project.raw:
        raise Refused("load-failed", "This project can only be loaded as a whole.")
    describers = describers_for(tree, project.secrets, changed, True)
    run_all(project.context, describing(describers, None), tree, changed)
    return {}


WORKS = {"manifest": load, "versions": versions_after, "reads": reads}


def main() -> None:
    import_early()
    answer(WORKS)
