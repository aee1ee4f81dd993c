"""Opens a SQLMesh project without warehouse, state or network, and without writing to it."""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import os
import re
import sys
from pathlib import Path
from typing import Any

from .. import internals
from ..protocol import Refused, lead_editable_imports, lead_imports
from .catalogs import Connections, Notices

# The first SQLMesh whose data_hash is a hash of the text (SQLMesh pull request 5256).
RAW_HASHES = (0, 213)


def import_early() -> None:
    """Imports SQLMesh before the request comes, from where packages are installed and nowhere else."""
    own = tuple({sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix})
    entries = list(sys.path)
    sys.path[:] = [entry for entry in entries if "site-packages" in entry or entry.startswith(own)]
    # What is imported stays: looking through it for garbage is a fifth of the time.
    gc.disable()
    # Every loader of SQLMesh imports pandas.
    for name in ("sqlmesh", "pandas"):
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001, S110 - reported when it fails again, after the request
            pass
    gc.freeze()
    gc.enable()
    sys.path[:] = entries


def open_context(
    request: dict[str, Any], notices: Notices
) -> tuple[Any, bool, list[dict[str, str]]]:
    """SQLMesh's context with nothing loaded yet, whether its hashes are of the raw text, and the gateways
    whose catalog is not known."""
    tree, workspace = Path(request["tree"]), Path(request["workspace"])
    # The process may have been started before the project was there.
    os.chdir(request["projects"][0])
    lead_imports(workspace, tree)
    version = import_sqlmesh()
    lead_editable_imports(workspace, tree)
    connections = Connections(notices)
    connections.without_drivers()
    keep_caches_out(tree)
    from sqlmesh import Context

    context = Context(paths=request["projects"], gateway=request["gateway"], load=False)
    connections.give_catalogs(context)
    forbid_state(context)
    return context, version >= RAW_HASHES, connections.unknown


def forget_modules(tree: Path) -> None:
    """Lets a second load import the project's modules anew: macros are registered as a module is imported."""
    for name, module in [*sys.modules.items()]:
        file = getattr(module, "__file__", None)
        if file is not None and tree in Path(file).parents:
            del sys.modules[name]


def installed(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def import_sqlmesh() -> tuple[int, ...]:
    """Imports SQLMesh and gives its version as numbers; empty for a version that has none."""
    try:
        importlib.import_module("sqlmesh")
    except ModuleNotFoundError as error:
        if error.name == "sqlmesh":
            raise Refused("environment", "SQLMesh is not installed in this Python.") from error
        raise environment_error(error) from error
    except Exception as error:
        raise environment_error(error) from error
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", installed("sqlmesh") or "")
    version = tuple(int(number) for number in numbers.groups()) if numbers else ()
    missing = internals.missing_in(version)
    if missing:
        raise moved_error(missing)
    return version


def environment_error(error: Exception) -> Refused:
    text = f"SQLMesh cannot be imported: {type(error).__name__}: {error}"
    hint = "Run `python -c 'import sqlmesh'` in this environment and mend what it says."
    if "interpreted classes cannot inherit from compiled" in str(error):
        hint = "The compiled sqlglot (`sqlglotc`, `sqlglot[c]`) breaks this SQLMesh. Uninstall sqlglotc."
    return Refused("environment", text, hint)


def moved_error(missing: list[internals.Internal]) -> Refused:
    oldest, newest = (".".join(map(str, one)) for one in (internals.OLDEST, internals.NEWEST))
    more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    text = (
        f"SQLMesh {installed('sqlmesh')} with sqlglot {installed('sqlglot')} has no `{missing[0]}`{more}, "
        f"which Unsynced relies on; SQLMesh {oldest} to {newest} are known to work."
    )
    hint = f"Use a newer release of Unsynced, or pin `sqlmesh<={newest}` until there is one."
    return Refused("environment", text, hint)


def keep_caches_out(tree: Path) -> None:
    """SQLMesh's cache is in the project unless told otherwise, which before 0.200 it cannot be."""
    original = internals.file_cache_init.value
    home = Path(os.environ["SQLMESH_HOME"]) / "cache"

    def init(self: Any, path: Path, *args: Any, **kwargs: Any) -> None:
        inside = str(path).startswith(str(tree))
        original(self, home / Path(path).name if inside else path, *args, **kwargs)

    internals.file_cache_init.replace(init)


def forbid_state(context: Any) -> None:
    """A `project:` in the configuration makes a load read, and even create, the state database."""
    internals.projects.set(context, set())
    internals.load_state.set(context, False)

    class NoState:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(f"the load asked SQLMesh's state for {name}")

    internals.state_sync.set(context, NoState())
