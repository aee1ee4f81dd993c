"""Loads only what a change to SQL models and seeds can move, and what reads it.

The files that differ are loaded on both sides. On head, what follows from them is found round by round:
the files that mention a model that moved are loaded, those whose models really depend on it move the
search on. docs/what-is-loaded.md says why the result is the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import internals
from ..load.loaders import (
    Loaded,
    Making,
    made,
    making_in_workers,
    prepared_loaders,
)
from ..load.refusals import Refusals
from ..protocol import Refused, tell
from .macros import own_texts
from .sql_files import SqlFile, files_that_mention, own_name

# Starting workers costs as much as parsing this many files.
FEW = 8


class Scope:
    """Which files differ between the commits, and what is known of the other side."""

    def __init__(
        self, tree: Path, changed: list[str], seeds: bool, base: dict[str, Any] | None
    ) -> None:
        """`changed`: relative to the tree. `seeds`: data of seeds is among them. `base`: of each model
        that base loaded its hash and parents by fqn, [hash, [fqn, …]]; None while base itself loads."""
        self.changed = set(changed)
        self.paths = {str(tree / path) for path in changed}
        self.seeds = seeds
        self.base = base


def can_narrow(context: Any) -> bool:
    """Only SQLMesh's own loader of native projects is known to load each file by itself."""
    from sqlmesh.core.loader import SqlMeshLoader

    return all(type(loader) is SqlMeshLoader for loader in internals.loaders.get(context))


def load_changed(
    context: Any, making: Making, scope: Scope, loaded: Loaded, refusals: Refusals
) -> list[NarrowProject]:
    """Gives the projects, of which more can be loaded."""
    projects = []
    for loader in prepared_loaders(context):
        refusals.watch(loader, scope.paths.__contains__)
        projects.append(NarrowProject(loader, making, scope))
        loaded.models += projects[-1].load_first(refusals)
    if scope.base is None:
        return projects
    searched: set[str] = set()
    while moved := moved_models(loaded.models, scope) - searched:
        searched |= moved
        parents = parents_that_moved(loaded.models, scope)
        for project in projects:
            loaded.models += project.load_more(
                project.opaque_files(),
                files_that_mention(project.searchable, moved, "words"),
                files_that_mention(project.searchable, parents, "names"),
            )
    loaded.others = sum(len(project.unloaded()) for project in projects)
    return projects


def moved_models(models: Iterable[dict[str, Any]], scope: Scope) -> set[str]:
    """Models that differ from base's, and all that depends on them. Also those that are gone.

    A table's own name decides what depends on what, whatever its schema: an asset key may leave out the
    rest, and then two models are one asset."""
    known = {model["fqn"]: model for model in models}
    base = scope.base or {}
    moved = set(base) - set(known)
    for fqn, model in known.items():
        both = model["path"] in scope.changed or fqn in base
        if both and base.get(fqn) != [model["ingredients"], model["dependsOn"]]:
            moved.add(fqn)
    children: dict[str, list[str]] = {}
    for fqn, model in known.items():
        children.setdefault(own_name(fqn), []).append(fqn)
        for parent in model["dependsOn"]:
            children.setdefault(own_name(parent), []).append(fqn)
    open_ends = list(moved)
    while open_ends:
        for child in children.get(own_name(open_ends.pop()), []):
            if child not in moved:
                moved.add(child)
                open_ends.append(child)
    return moved


def parents_that_moved(models: Iterable[dict[str, Any]], scope: Scope) -> set[str]:
    """Parents that a model gained or lost: whether they are models decides their asset keys."""
    base = scope.base or {}
    found: set[str] = set()
    for model in models:
        if model["fqn"] in base:
            found |= set(base[model["fqn"]][1]) ^ set(model["dependsOn"])
    return found


class NarrowProject:
    """One project whose SQL files are loaded as they are asked for."""

    def __init__(self, loader: Any, making: Making, scope: Scope) -> None:
        self.loader = loader
        self.making = making
        self.scope = scope
        self.models = Path(loader.config_path) / "models"
        self.wanted: set[str] = set()
        self.taken: set[str] = set()
        self.fqns: set[str] = set()
        self.glob_paths = internals.glob_paths.get(loader)

    @cached_property
    def files(self) -> list[SqlFile]:
        """Read when something is searched for, which on base only seeds are."""
        paths = self.glob_paths(
            self.models, ignore_patterns=self.loader.config.ignore_patterns, extension=".sql"
        )
        return [SqlFile(path, self.models) for path in paths if os.path.getsize(path)]

    @cached_property
    def searchable(self) -> list[SqlFile]:
        """The same, once the macros are loaded."""
        texts = own_texts(self.macros, Path(self.loader.config_path))
        for file in self.files:
            file.macros = texts
        return self.files

    def load_first(self, refusals: Refusals) -> list[Any]:
        """Those files, and on head all Python models."""
        self.wanted = self.wanted_first()
        internals.glob_paths.set(self.loader, self.narrow_glob)
        original = internals.load_project_models.get(self.loader)
        calls: list[Any] = []

        def load_sql_models(*args: Any, **kwargs: Any) -> Any:
            calls.append((args, kwargs))
            return original(*args, **kwargs)

        internals.load_project_models.set(self.loader, load_sql_models)
        with self.as_usual():
            project = self.loader.load()
        refusals.take_project(self.loader, project)
        args, kwargs = calls[0]
        self.load_again = lambda: original(*args, **kwargs)
        self.macros = project.macros
        return self.keep(project.models.values())

    def wanted_first(self) -> set[str]:
        """The files that differ, the seeds if their data may, and on head what may not be one model each."""
        wanted = set(self.scope.paths)
        if self.scope.seeds:
            wanted |= {file.path for file in self.files if file.seed}
        if self.scope.base is not None:
            unsure = {file.path: file.name for file in self.files if not self.counts_as_one(file)}
            wanted |= unsure.keys()
            # A disabled model is none, but may not have another's name: SQLMesh sees that of one load.
            names = {unsure[path] for path in self.scope.paths & unsure.keys()} - {None}
            wanted |= files_that_mention(self.files, names, "names")
        return wanted

    def load_more(self, *paths: set[str]) -> list[Any]:
        self.wanted = set().union(*paths) - self.taken
        if not self.wanted:
            return []
        with self.as_usual():
            return self.keep(self.load_again().values())

    def keep(self, models: Iterable[Any]) -> list[Any]:
        found = list(models)
        for model in found:
            # What stock SQLMesh refuses within one load it must not get past in two.
            if model.fqn in self.fqns:
                raise Refused("load-failed", f"Duplicate model name: '{model.name}'.")
            self.fqns.add(model.fqn)
        return made(found, self.making(Path(self.loader.config_path), self.macros))

    @contextmanager
    def as_usual(self) -> Iterator[None]:
        """The surroundings of `Loader.load`; without worker processes where they are not worth it."""
        from sqlmesh.utils import sys_path

        workers = 1 if len(self.wanted) <= FEW else internals.max_fork_workers.value
        project = Path(self.loader.config_path)
        replaced = internals.max_fork_workers.replaced(workers)
        with replaced, sys_path(project), making_in_workers(project, self.making):
            yield

    def narrow_glob(self, path: Path, *args: Any, **kwargs: Any) -> Iterator[Path]:
        count = 0
        for found in self.glob_paths(path, *args, **kwargs):
            if Path(path) == self.models:
                if found.suffix == ".sql":
                    if str(found) not in self.wanted:
                        continue
                    self.taken.add(str(found))
                    count += 1
                elif self.scope.base is None:
                    # Python models are equal on both sides; head loads them.
                    continue
            yield found
        if count > 0:
            tell(f"={count};")

    def opaque_files(self) -> set[str]:
        return {file.path for file in self.searchable if file.opaque}

    def counts_as_one(self, file: SqlFile) -> bool:
        """Whether the file is certain to give one model, without loading it."""
        defaults = self.loader.config.model_defaults
        return file.plain and getattr(defaults, "enabled", None) is None

    def unloaded(self) -> list[SqlFile]:
        return [file for file in self.files if file.path not in self.taken]
