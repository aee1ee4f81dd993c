"""What SQLMesh's own `Context` refuses once all models are there: cycles, and models that are not valid with the
columns of what they read, which only its optimiser tells."""

from __future__ import annotations

import graphlib
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..categorise.inferred_columns import ColumnsOfParents
from ..categorise.model_source import known_as
from ..describe.declared_columns import Columns, Evident
from ..describe.model_store import keep, kept
from ..narrow.narrow_load import NarrowProject, Scope
from ..narrow.sql_files import files_that_mention
from ..protocol import explain
from .refusals import EXAMINED, Refusals, Undecided
from .validate_one_model import NAMES, TYPES, validate
from .workers import in_workers

# Starting workers costs as much as optimising this many queries.
FEW = 4


class Named(Evident):
    """Where only the names of columns are wanted, their types need not be evident."""

    def of(self, model: Any) -> Columns | None:
        from sqlglot import exp

        columns = self.named(model)
        if columns is None:
            return None
        unknown = exp.DataType.build("unknown")
        return {name: to or unknown for name, to in columns.items()}


class LoadedModels:
    """The models of a load by fqn, as it has left them in its folder."""

    def __init__(self, folder: Path, projects: list[NarrowProject] | None) -> None:
        """`projects`: those of which only some files are loaded; more are, where they may be asked for."""
        self.folder = folder
        self.projects = projects or []
        self.evident = {NAMES: Named(), TYPES: Evident()}
        self.evident[NAMES].known = self.evident[TYPES].known
        self.found: dict[str, Any] = {}
        self.absent: set[str] = set()

    def find(self, fqns: set[str]) -> dict[str, Any]:
        """@raises Undecided where a model is there and cannot be had"""
        missing = fqns - self.found.keys() - self.absent
        contents = kept(missing, self.folder)
        if contents.keys() != missing:
            self.load(missing - contents.keys())
            contents = kept(missing, self.folder)
        self.absent |= missing - contents.keys()
        for fqn, content in contents.items():
            model = known_as(self.evident[TYPES], content)
            if model is None:
                raise Undecided
            self.found[fqn] = model
        return {fqn: self.found[fqn] for fqn in fqns & self.found.keys()}

    def load(self, fqns: set[str]) -> None:
        """Leaves the models of the files that may define one of them in the folder too."""
        for project in self.projects:
            making, project.making = project.making, self.keeping
            project.load_more(files_that_mention(project.searchable, fqns, "names"))
            project.making = making

    def keeping(self, _project: Path, _macros: Iterable[str]) -> Callable[[Any], None]:
        return lambda model: keep(model, self.folder)


def refuse_models(
    refusals: Refusals, models: list[dict[str, Any]], names: int, loaded: LoadedModels | None
) -> None:
    """`names`: of how many parts a fqn is. `loaded`: None if what models read is not there.

    @raises Undecided"""
    asked: dict[str, str] = {}
    if loaded is not None:
        refusals.attempt(lambda: refuse_cycles(models))
    for model in models:
        refused, wanted = model.pop(EXAMINED)
        refusals.take(refused)
        if wanted is not None:
            asked[model["fqn"]] = wanted
    refusals.take(same_names(refusals.audits & {model["fqn"] for model in models}))
    if refusals.first is not None or loaded is None:
        return
    if {names_in(model["fqn"]) for model in models} - {names}:
        # SQLMesh refuses them beside each other, if the models have columns.
        raise Undecided
    refusals.take(refusals.attempt(lambda: first_refused(asked, loaded, refusals.tree)))


def first_refused(asked: dict[str, str], loaded: LoadedModels, tree: Path) -> dict[str, Any] | None:
    """What SQLMesh says of one of the models that it refuses, as `explain` tells it. `asked`: by fqn, whether it takes
    names or types.

    @raises Undecided, or what SQLMesh does where a model cannot have its columns"""
    for wanted, evident in loaded.evident.items():
        chosen = {fqn for fqn, columns in asked.items() if columns == wanted}
        models = loaded.find(chosen)
        columns = ColumnsOfParents({}, models, loaded.find, evident, set())
        above = columns.opaque_above(chosen)
        known = ChainMap(models, columns.shared)
        read = set().union(*(known[fqn].depends_on for fqn in above | chosen))
        columns.settle((above | chosen) & read)

        def refused(fqn: str) -> dict[str, Any] | None:
            model = models[fqn]  # noqa: B023 - called in this round
            try:
                model.update_schema(columns.schema_for(model, models))  # noqa: B023
                validate(model)
            except Exception as error:  # noqa: BLE001 - a macro of the project may raise anything
                return explain(error, {"tree": str(tree)})
            return None

        for found in in_workers(refused, sorted(chosen), FEW):
            if found is not None:
                return found
    return None


def refuse_cycles(models: list[dict[str, Any]]) -> None:
    graph = graph_of(models)
    if has_cycle(graph):
        from sqlmesh.utils.dag import DAG

        DAG(graph).sorted  # noqa: B018 - says it in SQLMesh's own words


def graph_of(models: list[dict[str, Any]]) -> dict[str, set[str]]:
    return {model["fqn"]: set(model["dependsOn"]) for model in models}


def has_cycle(graph: Mapping[str, Iterable[str]]) -> bool:
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError:
        return True
    return False


def base_has_cycle(models: list[dict[str, Any]], scope: Scope) -> bool:
    """Whether base's models, most of which only head has loaded, form a cycle that head's do not."""
    own = {fqn: parents for fqn, (_, parents) in (scope.base or {}).items()}
    equal = [model for model in models if model["path"] not in scope.changed]
    return has_cycle({**graph_of(equal), **own})


def same_names(fqns: set[str]) -> dict[str, Any] | None:
    if not fqns:
        return None
    message = f"ConfigError: Models and Standalone audits cannot have the same name: {fqns}"
    return {"message": message, "file": None, "hint": None}


def names_in(fqn: str) -> int:
    from sqlglot import exp

    return len(exp.to_table(fqn).parts)
