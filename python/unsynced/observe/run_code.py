"""Runs all of a project's code that runs while it loads, so that it can be seen which files that reads (observeReads.ts).

A SQL file that calls none of it is not loaded.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..load.loaders import Making, prepared_loaders
from ..load.refusals import Refusals
from ..narrow.macros import BUILT_IN
from ..narrow.narrow_load import NarrowProject, Scope, can_narrow
from ..narrow.sql_files import has_macros, read_untraced
from ..protocol import Refused

# Groups of entry points that are loaded where a model needs one.
PLUGINS = frozenset({"sqlglot.dialects", "sqlmesh.materializations", "pydantic"})


def run_all(context: Any, making: Making, tree: Path, changed: list[str]) -> None:
    """Runs all of the projects' code that a load runs. Of SQL files those are left out that call none of it but macros
    which do no more than return texts, and those that differ, which are loaded of both commits anyway. Raises
    Refused."""
    if not can_narrow(context):
        raise Refused("load-failed", "This project can only be loaded as a whole.")
    for loader in prepared_loaders(context):
        scope = Scope(tree, changed, False, {})
        refusals = Refusals(tree)
        refusals.watch(loader, lambda path, own=scope.paths: path not in own)
        project = RunningProject(loader, making, scope)
        project.load_first(refusals)
        # They may lie in the project's folder, which leads Python's path only while it is loaded.
        with project.as_usual():
            plugins = has_plugins()
        files = {file.path for file in project.files} if plugins else project.files_with_code()
        project.load_more(files - scope.paths)


class RunningProject(NarrowProject):
    """A project of which no more is loaded than runs code."""

    def wanted_first(self) -> set[str]:
        every = calls_everywhere(Path(self.loader.config_path))
        found = {file.path for file in self.files if every or not self.counts_as_one(file)}
        return found - self.scope.paths

    def files_with_code(self) -> set[str]:
        """Those that call more than macros of the project which do no more than return texts. Some of SQLMesh's own
        evaluate what they are called with as Python, such as `@IF`."""
        return {
            file.path
            for file in self.searchable
            if file.opaque or not file.calls.isdisjoint(BUILT_IN)
        }


def has_plugins() -> bool:
    """Whether SQLMesh or sqlglot run code of others on any SQL file: a dialect, a materialization."""
    from sqlglot.dialects.dialect import Dialect

    found: Any = importlib.metadata.entry_points()
    groups = set(found) if isinstance(found, dict) else found.groups
    dialects = [one.__module__.partition(".")[0] for one in Dialect.classes.values()]
    return not groups.isdisjoint(PLUGINS) or not {"sqlglot", "sqlmesh"}.issuperset(dialects)


def calls_everywhere(project: Path) -> bool:
    """Whether the configuration may have all models call macros."""
    return any(
        has_macros(read_untraced(file)) or file.suffix == ".py" for file in configurations(project)
    )


def configurations(project: Path) -> Iterator[Path]:
    for folder in (project, Path(os.environ["SQLMESH_HOME"])):
        for name in ("config.py", "config.yml", "config.yaml", "sqlmesh.yml", "sqlmesh.yaml"):
            if (folder / name).exists():
                yield folder / name


def read_for_test(folder: Path) -> None:
    """Lists a folder and reads what is in it as the project's code would, so that it is known whether that leaves a
    trace."""
    for file in folder.iterdir():
        file.read_bytes()
