"""Runs SQLMesh's own loaders, without what a data_hash does not need, and describes what they give.

From SQLMesh 0.213 on the loaders alone are enough: no schemas, no cache, and no more validation than it takes to
know that SQLMesh's own `Context` loads the project too (load/refusals.py). What is made of SQL models is made in the
worker processes that parse them, so that the models themselves need not travel.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable

from .. import internals
from ..describe.model import Describer
from ..describe.model_store import keep
from ..describe.parts import digest, parent_parts
from ..describe.pickled import as_pickled
from ..describe.time_partitions import cheap_partitions, waits_for_columns
from ..protocol import Refused, tell
from .refusals import EXAMINED, Refusals, every_test
from .validate_one_model import examined

# Given a project folder and the names of its macros.
Describers = Callable[[Path, Iterable[str]], Describer]
# What is made of a model, given the same.
Making = Callable[[Path, Iterable[str]], Callable[[Any], Any]]


# In a description, until a load is complete: whether the model's hash is not yet that of a whole load.
WAITS = "waits"


class Loaded:
    """What a load gave."""

    def __init__(self, complete: bool, fast: bool) -> None:
        """`fast`: by the loaders alone."""
        self.complete, self.fast = complete, fast
        # Entries of the manifest's `models`.
        self.models: list[dict[str, Any]] = []
        # Models that are there but were not loaded; None = not counted.
        self.others: int | None = 0 if complete else None


def describers_for(
    tree: Path, secrets: list[str], changed: list[str] | None, narrow: bool
) -> Describers:
    return lambda project, macros: Describer(tree, project, macros, secrets, changed, narrow)


# --- SQLMesh 0.213 and newer --------------------------------------------------------------------


def load_all(context: Any, making: Making, refusals: Refusals) -> Loaded:
    loaded = Loaded(complete=True, fast=True)
    for loader in prepared_loaders(context):
        refusals.watch(loader, every_test)
        loaded.models += load_project(loader, making, refusals)
    return loaded


def describing(describers: Describers, folder: Path | None) -> Making:
    """Describes models, and keeps them in the folder if there is one."""
    return lambda project, macros: partial(describe, describers(project, macros), folder)


def prepared_loaders(context: Any) -> list[Any]:
    settle_memory()
    take_in_order()
    internals.model_cache_put.replace(lambda self, *args, **kwargs: False)
    internals.model_cache_get.replace(lambda self, *args, **kwargs: [])
    return internals.loaders.get(context)


def settle_memory() -> None:
    """What is imported stays: collecting it again and again, in each worker, is a quarter of a load."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def take_in_order() -> None:
    """SQLMesh takes files as workers are done with them, so that chance decides which error it raises."""

    def as_completed(futures: Any) -> list[Any]:
        return sorted(futures, key=lambda future: str(futures[future]))

    if internals.loader_futures.exists:
        in_order = SimpleNamespace(futures=SimpleNamespace(as_completed=as_completed))
        internals.loader_futures.replace(in_order)


def load_project(loader: Any, making: Making, refusals: Refusals) -> list[Any]:
    """What is made of each of the project's models."""
    glob_paths = internals.glob_paths.get(loader)

    def counting_glob(path: Path, *args: Any, **kwargs: Any) -> Iterator[Path]:
        found = list(glob_paths(path, *args, **kwargs))
        if kwargs.get("extension") == ".sql" and Path(path).name == "models":
            tell(f"={len(found)};")
        yield from found

    internals.glob_paths.set(loader, counting_glob)
    with making_in_workers(Path(loader.config_path), making):
        project = loader.load()
    refusals.take_project(loader, project)
    return made(project.models.values(), making(Path(loader.config_path), project.macros))


def made(models: Iterable[Any], make: Callable[[Any], Any]) -> list[Any]:
    """What is made of models, as far as it was not made where they were parsed."""
    return [model.made if isinstance(model, StandIn) else make(model) for model in models]


class StandIn:
    """Stands for a model, of which a worker process has made what is wanted."""

    def __init__(self, model: Any, made: Any) -> None:
        self.fqn = model.fqn
        self.name = model.name
        self.enabled = model.enabled
        self.made = made


@contextmanager
def making_in_workers(project: Path, making: Making) -> Iterator[None]:
    """SQLMesh parses SQL models in worker processes: make of them there what is wanted, on all cores."""
    if not internals.load_sql_models.exists:
        yield
        return
    original = internals.load_sql_models.value
    known: list[Callable[[Any], Any]] = []

    def load_sql_models(*args: Any) -> Any:
        if not known:
            defaults = internals.worker_defaults.value or {}
            known.append(making(project, defaults.get("macros", {})))
        result = original(*args)
        tell("+")
        return replaced(result, lambda model: StandIn(model, known[0](model)))

    # A worker is told by name what to call.
    load_sql_models.__module__ = original.__module__
    load_sql_models.__qualname__ = original.__qualname__
    with internals.load_sql_models.replaced(load_sql_models):
        yield


def replaced(result: Any, stand_in: Callable[[Any], Any]) -> Any:
    if isinstance(result, (list, tuple)):
        return type(result)(replaced(item, stand_in) for item in result)
    return stand_in(result) if hasattr(result, "python_env") else result


def describe(describer: Describer, folder: Path | None, model: Any) -> dict[str, Any]:
    """Kept first, then the hash: describing renders, and neither must depend on what was rendered."""
    as_pickled(model)
    keep(model, folder)
    with cheap_partitions(model):
        data_hash = model.data_hash
        ingredients = digest(*internals.data_hash_values.get(model))
    found = describer.describe(model, data_hash, ingredients)
    waits = waits_for_columns(model)
    return {**found, WAITS: waits, EXAMINED: examined(model, describer.tree)}


def take_waiting(loaded: Loaded) -> bool:
    """Whether a model has another hash once it has columns. Takes the answer out of the descriptions."""
    answers = [model.pop(WAITS) for model in loaded.models]
    return any(answers)


# --- SQLMesh's own load ------------------------------------------------------------------------------


def load_stock(
    context: Any, describers: Describers, folder: Path | None, raw: bool, refusals: Refusals
) -> Loaded:
    """Before 0.213 a data_hash is of the rendered query, and SQLMesh's own load the only way to it. `raw`: it is
    of the text, and only some hashes need the load."""
    loaded = Loaded(complete=True, fast=False)
    take_in_order()
    for loader in internals.loaders.get(context):
        refusals.watch(loader, every_test)
        internals.load.set(loader, partial(keeping, loader.load, folder))
    with refusals.of_validation():
        context.load()
    projects = list(context.configs)
    for model in internals.models.get(context).values():
        path = internals.path.get(model, None)
        own = [project for project in projects if path and Path(project) in Path(path).parents]
        project = Path((own or projects)[0])
        describer = describers(project, internals.macros.get(context))
        ingredients = digest(*internals.data_hash_values.get(model)) if raw else None
        found = describer.describe(model, model.data_hash, ingredients)
        if not raw:
            found["parts"] += parent_parts(model, partial(file_of, context, describer))
        loaded.models.append(found)
    return loaded


def file_of(context: Any, describer: Describer, fqn: str) -> str | None:
    return describer.relative(internals.path.get(internals.models.get(context).get(fqn), None))


def keeping(load: Callable[..., Any], folder: Path | None, *args: Any, **kwargs: Any) -> Any:
    """Keeps what a loader gives, while it has no columns."""
    project = load(*args, **kwargs)
    for model in project.models.values():
        as_pickled(model)
        keep(model, folder)
    return project


def merge(loaded: Loaded) -> None:
    """Of two projects that define one model `Context.load` takes the later one's."""
    models = {model["fqn"]: model for model in loaded.models}
    if len(models) < len(loaded.models) and not loaded.complete:
        raise Refused("load-failed", "Two projects define one model.")
    loaded.models = [*models.values()]
