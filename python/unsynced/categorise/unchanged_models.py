"""Models that were not asked about: those that the change leaves alone, as far as the others need them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from ..describe.declared_columns import Evident
from ..describe.model_store import kept, pickled, unpickled
from ..describe.parents import parents_of
from ..load.loaders import Loaded
from ..load.refusals import Refusals
from ..narrow.narrow_load import NarrowProject, Scope, load_changed
from ..narrow.sql_files import files_that_mention


def known_as(evident: Evident, content: bytes) -> Any:
    """The model, of which it is known from now on what is evident; None if it cannot be had."""
    found = unpickled(content)
    if found is None:
        return None
    model, columns = found
    if model.source_type == "sql":
        evident.know(model, columns)
    return model


def give_parents(models: dict[str, Any], parents: dict[str, list[str]]) -> None:
    """SQLMesh would render each of the models for it once more."""
    for fqn in models.keys() & parents.keys():
        models[fqn]._full_depends_on = set(parents[fqn])


class Others:
    """Models of head that the change does not move, as they are asked for."""

    def __init__(
        self,
        context: Any,
        projects: list[NarrowProject] | None,
        folder: Path,
        request: dict[str, Any],
        evident: Evident,
    ) -> None:
        """`projects`: as far as they are loaded. `folder`: where head's load has left its models."""
        self.context = context
        self.loaded = projects
        self.folder = folder
        self.tree = Path(request["tree"])
        # Not all models were loaded.
        self.narrow = request["narrow"]
        self.before = request["parents"]["base"]
        self.parents: dict[str, list[str]] = dict(request["parents"]["head"])
        self.evident = evident
        self.more: dict[str, bytes] = {}
        self.missing: set[str] = set()

    def find(self, fqns: set[str]) -> dict[str, Any]:
        """Those that are there and can be had."""
        made = {fqn: known_as(self.evident, one) for fqn, one in self.contents(fqns).items()}
        models = {fqn: model for fqn, model in made.items() if model is not None}
        give_parents(models, self.parents)
        return models

    def contents(self, fqns: set[str]) -> dict[str, bytes]:
        found = kept(fqns, self.folder)
        missing = fqns - found.keys() - self.more.keys() - self.missing
        if missing:
            self.load(missing, "names")
            self.missing |= missing - self.more.keys()
        return {fqn: self.more[fqn] for fqn in fqns & self.more.keys()} | found

    def load(self, fqns: set[str], where: str) -> None:
        """Loads the files that mention one of them, as far as that was not done."""
        for project in self.projects if self.narrow else []:
            for fqn, content, parents in project.load_more(
                files_that_mention(project.searchable, fqns, where)
            ):
                self.more[fqn], self.parents[fqn] = content, parents

    def retold(self, before: Path) -> set[str]:
        """Models of which the commits tell something else, be it metadata, and all that depends on them.
        `before`: where base's load has left its models."""
        common = self.before.keys() & self.parents.keys()
        old, new = kept(common, before), kept(common, self.folder)
        layer = {fqn for fqn in old.keys() & new.keys() if old[fqn] != new[fqn]}
        found: set[str] = set()
        while layer:
            found |= layer
            self.load(layer, "words")
            layer = {fqn for fqn, own in self.parents.items() if layer & set(own)} - found
        return found

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
