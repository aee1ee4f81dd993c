"""What a load does with the files that differ: it tells which of them it opens, lists and looks for.

What the kernel says of reads is asked from outside (observe.ts). This adds what leaves no trace there: a look at a
path where nothing is, and a list of the names in a folder. All of the project's code that runs while it loads runs
here; a SQL file that calls none of it is not loaded.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from answering import Refused
from probe_files import has_macros, read_untraced
from probe_load import Making, prepared_loaders
from probe_refused import Refusals
from probe_scope import NarrowProject, Scope, can_narrow

# Python's own that look for paths on behalf of whoever calls them.
_HELPERS = """
    os posixpath genericpath pathlib pathlib._local pathlib._abc pathlib._os glob fnmatch contextlib stat
"""
HELPERS = frozenset(_HELPERS.split())
# These list folders for files of certain suffixes, each of which has everything loaded if it changed
# (fileRoles.ts), and look for files by certain names.
LOADERS = frozenset(
    {
        "importlib._bootstrap",
        "importlib._bootstrap_external",
        "importlib.metadata",
        "importlib_metadata",
        "sqlmesh.core.loader",
        "sqlmesh.core.config.loader",
        "sqlmesh.core.config.root",
    }
)
# A program of others may look at anything.
PROGRAMS = frozenset(
    {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn"}
)
# Groups of entry points that are loaded where a model needs one.
PLUGINS = frozenset({"sqlglot.dialects", "sqlmesh.materializations", "pydantic"})
LISTS = frozenset({"os.listdir", "os.scandir"})
# Our own, by which files are searched for names without a trace.
OURS = frozenset({__name__, "probe_files", "probe_scope"})
LOOKUPS = ("stat", "lstat", "access", "readlink")


class Watch:
    """Tells of the paths that differ what this process and its forks do with them. It cannot be ended."""

    def __init__(self, tree: Path, paths: list[str], folders: list[str], log: Path) -> None:
        """`paths`: that differ, and `folders` in which a name comes or goes, relative to the tree."""
        roots = {str(tree), os.path.realpath(tree)}
        self.paths = {os.path.join(root, path): path for root in roots for path in paths}
        self.folders = {
            os.path.normpath(os.path.join(root, path)): path for root in roots for path in folders
        }
        # Forks write to it too. Each line is one write.
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.told: set[str] = set()
        sys.addaudithook(self.hear)
        for name in LOOKUPS:
            setattr(os, name, self.looking(getattr(os, name)))

    def hear(self, event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            path = self.absolute(given[0])
            if path in self.paths and caller() not in OURS:
                self.tell("opens", self.paths[path])
        elif event in LISTS:
            path = self.absolute("." if given[0] is None else given[0])
            if path in self.folders:
                by_loader = caller() in LOADERS | OURS
                self.tell("finds" if by_loader else "lists", self.folders[path])
        elif event in PROGRAMS:
            self.tell("runs", str(given[0]))

    def looking(self, look: Callable[..., Any]) -> Callable[..., Any]:
        def looked(path: Any, *args: Any, **kwargs: Any) -> Any:
            known = self.paths.get(self.absolute(path))
            if known is not None and caller() not in LOADERS | OURS:
                self.tell("looks for", known)
            return look(path, *args, **kwargs)

        return looked

    def absolute(self, path: Any) -> str:
        if isinstance(path, int):
            return os.path.realpath(f"/proc/self/fd/{path}")
        try:
            return os.path.abspath(os.fsdecode(path))
        except (TypeError, ValueError, OSError):
            return ""

    def tell(self, how: str, what: str) -> None:
        line = f"{how}\t{what[:400]!a}\n"
        if line not in self.told:
            self.told.add(line)
            os.write(self.log, line.encode("ascii"))


def caller() -> str:
    """The module that asks, and not what it asks through."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name not in HELPERS and name != __name__:
            return str(name)
        frame = frame.f_back
    return ""


def run_all(context: Any, making: Making, tree: Path, changed: list[str]) -> None:
    """Runs all of the projects' code that a load runs. Of SQL files those are left out that call none of it, and
    those that differ, which are loaded of both commits anyway. Raises Refused."""
    if not can_narrow(context):
        raise Refused("load-failed", "This project can only be loaded as a whole.")
    for loader in prepared_loaders(context):
        refusals = Refusals(tree)
        refusals.watch(loader, tests=set())
        project = RunningProject(loader, making, Scope(tree, changed, False, {}))
        project.load_first(refusals)
        # They may lie in the project's folder, which leads Python's path only while it is loaded.
        with project.as_usual():
            plugins = has_plugins()
        if plugins:
            project.load_more({file.path for file in project.files} - project.scope.paths)


class RunningProject(NarrowProject):
    """A project of which no more is loaded than runs code."""

    def wanted_first(self) -> set[str]:
        every = calls_everywhere(Path(self.loader.config_path))
        found = {file.path for file in self.files if every or has_macros(file.text)}
        unsure = {file.path for file in self.files if not self.counts_as_one(file)}
        return (found | unsure) - self.scope.paths


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


def read_witness(witness: Path) -> None:
    """Reads a file as the project's code would, so that it is known whether that leaves a trace."""
    with open(witness, "rb") as file:
        file.read()
