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
import sys
from pathlib import Path
from typing import Any

# Beside this file in the bundle, in the next folder in the sources.
HERE = os.path.dirname(os.path.abspath(__file__))
OURS = [HERE, os.path.join(os.path.dirname(HERE), "python")]
sys.path[:0] = OURS
from answering import Refused, answer
from probe_catalogs import Notices
from probe_categories import categorise
from probe_context import import_early, installed, open_context
from probe_load import (
    Loaded,
    describers_for,
    describing,
    load_all,
    load_stock,
    refuse_duplicates,
)
from probe_scope import NarrowProject, Scope, can_narrow, load_changed

# The project must find its own modules, not ours.
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") not in OURS]


def versions() -> dict[str, str | None]:
    return {
        "python": platform.python_version(),
        "sqlmesh": installed("sqlmesh") or "unknown",
        "sqlglot": installed("sqlglot") or "unknown",
        "dagster": installed("dagster"),
        "dgSqlmesh": installed("dg-sqlmesh"),
        "dagsterSqlmesh": installed("dagster-sqlmesh"),
    }


# The context of a load that was asked for, and its projects if it was narrow.
opened: list[tuple[Any, list[NarrowProject] | None]] = []


def load(request: dict[str, Any]) -> dict[str, Any]:
    tree, scope = Path(request["tree"]), request["scope"]
    notices = Notices()
    # Before the project can change its variables.
    secrets = [os.environ[name] for name in request["env"] if len(os.environ.get(name, "")) >= 4]
    context, raw = open_context(request, notices)
    if scope is not None and not (raw and can_narrow(context)):
        raise Refused("load-failed", "This project can only be loaded as a whole.")
    describers = describers_for(tree, secrets, request["changed"], scope is not None)
    folder = None if request["keep"] is None else Path(request["keep"])
    if folder is not None:
        folder.mkdir()
    making = describing(describers, folder)
    loaded = Loaded(scope is None)
    projects = None
    if scope is not None:
        projects = load_changed(context, making, Scope(tree, request["changed"], **scope), loaded)
    elif raw:
        load_all(context, making, loaded)
    else:
        load_stock(context, describers, folder, loaded)
    refuse_duplicates(loaded.models)
    opened.append((context, projects))
    return {
        "versions": versions(),
        "gateway": context.selected_gateway,
        "defaultCatalog": context.default_catalog,
        "loader": "fast" if raw else "full",
        "complete": loaded.complete,
        "others": loaded.others,
        "models": sorted(loaded.models, key=lambda model: model["fqn"]),
        "notices": notices.found,
    }


def versions_after(request: dict[str, Any]) -> dict[str, str]:
    """Asked of the process that has loaded head, or of a new one."""
    context, projects = opened[-1] if opened else (open_context(request, Notices())[0], None)
    return categorise(request, context, projects)


WORKS = {"manifest": load, "versions": versions_after}

if __name__ == "__main__":
    import_early()
    answer(WORKS)
