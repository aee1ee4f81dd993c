"""The models of both commits, as their loads have left them; where only some files of head are loaded, more as they
are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import internals
from ..describe.declared_columns import Evident
from ..describe.model_store import kept, pickled, unpickled
from ..describe.parents import parents_of
from ..load.loaders import Loaded
from ..load.refusals import Refusals
from ..narrow.narrow_load import NarrowProject, Scope, load_changed
from ..narrow.sql_files import files_that_mention

Models = dict[str, Any]
# To be unpickled, by fqn.
Contents = dict[str, bytes]


def model_of(content: bytes) -> Any:
    """None if it cannot be had."""
    found = unpickled(content)
    return found and found[0]


def known_as(evident: Evident, content: bytes) -> Any:
    """The same, and it is known from now on what is evident of it."""
    found = unpickled(content)
    if found is None:
        return None
    model, columns = found
    if model.source_type == "sql":
        evident.know(model, columns)
    return model


def give_parents(models: Models, parents: dict[str, list[str]]) -> None:
    """SQLMesh would render each of the models for it once more."""
    for fqn in models.keys() & parents.keys():
        internals.full_depends_on.set(models[fqn], set(parents[fqn]))


class ModelSource:
    def __init__(
        self, context: Any, projects: list[NarrowProject] | None, request: dict[str, Any]
    ) -> None:
        """`context`: of head. `projects`: its own, as far as they are loaded."""
        self.context = context
        self.loaded = projects
        self.tree = Path(request["tree"])
        # Where the loads have left their models.
        self.base, self.head = (Path(request["kept"][side]) for side in ("base", "head"))
        # Models that are asked about, and those of them that are the same on both commits.
        self.asked, self.same = set(request["models"]), set(request["same"])
        # Not all models were loaded.
        self.narrow = request["narrow"]
        self.before: dict[str, list[str]] = request["parents"]["base"]
        self.parents: dict[str, list[str]] = dict(request["parents"]["head"])
        self.evident = Evident()
        self.made: dict[bytes, Any] = {}
        self.more: Contents = {}
        self.missing: set[str] = set()

    def model(self, content: bytes) -> Any:
        """One for all that are equal; None if it cannot be had."""
        if content not in self.made:
            self.made[content] = known_as(self.evident, content)
        return self.made[content]

    def find(self, fqns: set[str]) -> Models:
        """Those of head that are there and can be had."""
        made = {fqn: known_as(self.evident, one) for fqn, one in self.contents(fqns).items()}
        models = {fqn: model for fqn, model in made.items() if model is not None}
        give_parents(models, self.parents)
        return models

    def above(self, models: Models) -> Models:
        """All models of head that these depend on and that are not among them."""
        found: Models = {}
        layer = models
        while layer:
            parents = set().union(*(model.depends_on for model in layer.values()))
            layer = self.find(parents - found.keys() - models.keys())
            found |= layer
        return found

    def contents(self, fqns: set[str]) -> Contents:
        found = kept(fqns, self.head)
        missing = fqns - found.keys() - self.more.keys() - self.missing
        if missing:
            self.load(missing, "names")
            self.missing |= missing - self.more.keys()
        return {fqn: self.more[fqn] for fqn in fqns & self.more.keys()} | found

    def load(self, fqns: set[str], where: str) -> None:
        """Loads the files that mention one of them, as far as that was not done."""
        for project in self.projects if self.narrow else []:
            self.load_files(project, files_that_mention(project.searchable, fqns, where))

    def load_files(self, project: NarrowProject, files: set[str]) -> None:
        for fqn, content, parents in project.load_more(files):
            self.more[fqn], self.parents[fqn] = content, parents

    def everything(self) -> tuple[Contents, Contents]:
        """All models of base and of head."""
        for project in self.projects if self.narrow else []:
            self.load_files(project, {file.path for file in project.unloaded()})
        after = {**self.more, **kept(self.parents, self.head)}
        before = kept(self.before, self.base)
        # What base did not load is as it is here, unless it is new.
        alike = after.keys() - before.keys() - (self.asked - self.before.keys())
        return {**before, **{fqn: after[fqn] for fqn in alike if self.narrow}}, after

    @cached_property
    def projects(self) -> list[NarrowProject]:
        if self.loaded is None:
            nothing = Scope(self.tree, [], seeds=False, base=None)
            loaded = Loaded(complete=False, fast=True)
            # What SQLMesh refuses was found where they were loaded to be compared.
            return load_changed(self.context, pickling, nothing, loaded, Refusals(self.tree))
        for project in self.loaded:
            project.making = pickling
        return self.loaded


def pickling(_project: Path, _macros: Iterable[str]) -> Callable[[Any], Any]:
    return lambda model: (model.fqn, pickled(model), parents_of(model))
