"""Runs SQLMesh's own loaders, without what a data_hash does not need, and describes what they give.

From SQLMesh 0.213 on the loaders alone are enough: no schemas, no validation, no cache. SQL models are
described in the worker processes that parse them, so that the models themselves need not travel.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable

from answering import Refused, tell
from probe_models import Describer
from probe_parts import digest

# Given a project folder and the names of its macros.
Describers = Callable[[Path, Iterable[str]], Describer]


class Loaded:
    """What a load gave."""

    def __init__(self, complete: bool) -> None:
        self.complete = complete
        # Entries of the manifest's `models`.
        self.models: list[dict[str, Any]] = []
        # Models that are there but were not loaded; None = not counted.
        self.others: int | None = 0 if complete else None


def describers_for(
    tree: Path, secrets: list[str], changed: list[str] | None, narrow: bool
) -> Describers:
    return lambda project, macros: Describer(tree, project, macros, secrets, changed, narrow)


# --- SQLMesh 0.213 and newer --------------------------------------------------------------------


def load_all(context: Any, describers: Describers, loaded: Loaded) -> None:
    for loader in prepared_loaders(context):
        loaded.models += load_project(loader, describers)


def prepared_loaders(context: Any) -> list[Any]:
    from sqlmesh.core.model import cache

    settle_memory()
    take_in_order()
    cache.ModelCache.put = lambda self, *args, **kwargs: False
    cache.ModelCache.get = lambda self, *args, **kwargs: []
    return bare_loaders(context)


def bare_loaders(context: Any) -> list[Any]:
    """Loaders that leave out what says nothing about models."""
    for loader in context._loaders:
        loader.load_model_tests = list
        loader._load_linting_rules = set
    return context._loaders


def settle_memory() -> None:
    """What is imported stays: collecting it again and again, in each worker, is a quarter of a load."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def take_in_order() -> None:
    """SQLMesh takes files as workers are done with them, so that chance decides which error it raises."""
    from sqlmesh.core import loader as loaders

    def as_completed(futures: Any) -> list[Any]:
        return sorted(futures, key=lambda future: str(futures[future]))

    if hasattr(loaders, "concurrent"):
        loaders.concurrent = SimpleNamespace(futures=SimpleNamespace(as_completed=as_completed))


def load_project(loader: Any, describers: Describers) -> list[dict[str, Any]]:
    glob_paths = loader._glob_paths

    def counting_glob(path: Path, *args: Any, **kwargs: Any) -> Iterator[Path]:
        found = list(glob_paths(path, *args, **kwargs))
        if kwargs.get("extension") == ".sql" and Path(path).name == "models":
            tell(f"={len(found)};")
        yield from found

    loader._glob_paths = counting_glob
    with describing_workers(Path(loader.config_path), describers):
        project = loader.load()
    return described(project.models.values(), describers(Path(loader.config_path), project.macros))


def described(models: Iterable[Any], describer: Describer) -> list[dict[str, Any]]:
    """Entries of models, of which some were described where they were parsed."""
    return [
        model.entry if isinstance(model, Described) else describe(describer, model)
        for model in models
    ]


class Described:
    """Stands for a model that a worker process described, so that the model itself need not travel."""

    def __init__(self, model: Any, entry: dict[str, Any]) -> None:
        self.fqn = model.fqn
        self.name = model.name
        self.enabled = model.enabled
        self.entry = entry


@contextmanager
def describing_workers(project: Path, describers: Describers) -> Iterator[None]:
    """SQLMesh parses SQL models in worker processes: describe them there, on all cores."""
    from sqlmesh.core import loader as loaders

    original: Callable[..., Any] | None = getattr(loaders, "load_sql_models", None)
    if original is None:
        yield
        return
    known: list[Describer] = []

    def load_sql_models(*args: Any) -> Any:
        if not known:
            known.append(describers(project, (loaders._defaults or {}).get("macros", {})))
        result = original(*args)
        tell("+")
        return replaced(result, lambda model: Described(model, describe(known[0], model)))

    # A worker is told by name what to call.
    load_sql_models.__module__ = original.__module__
    load_sql_models.__qualname__ = original.__qualname__
    loaders.load_sql_models = load_sql_models
    try:
        yield
    finally:
        loaders.load_sql_models = original


def replaced(result: Any, describe_one: Callable[[Any], Any]) -> Any:
    if isinstance(result, (list, tuple)):
        return type(result)(replaced(item, describe_one) for item in result)
    return describe_one(result) if hasattr(result, "python_env") else result


def describe(describer: Describer, model: Any) -> dict[str, Any]:
    """The hash first: describing renders, and a hash must not depend on what was rendered."""
    with cheap_partitions(model):
        data_hash = model.data_hash
        ingredients = digest(*model._data_hash_values)
    return describer.describe(model, data_hash, ingredients)


@contextmanager
def cheap_partitions(model: Any) -> Iterator[None]:
    """Only ClickHouse asks for the time column's type; elsewhere it costs a rendering for nothing."""
    if getattr(model, "source_type", "") != "sql" or model.dialect == "clickhouse":
        yield
        return
    owner = type(model)
    original = owner.columns_to_types
    owner.columns_to_types = property(lambda self: self.columns_to_types_)
    try:
        yield
    finally:
        owner.columns_to_types = original


# --- Older SQLMesh ------------------------------------------------------------------------------


def load_stock(context: Any, describers: Describers, loaded: Loaded) -> None:
    """Before 0.213 a data_hash is of the rendered query, and SQLMesh's own load the only way to it."""
    take_in_order()
    context.load()
    projects = list(context.configs)
    for model in context._models.values():
        path = getattr(model, "_path", None)
        own = [project for project in projects if path and Path(project) in Path(path).parents]
        project = Path((own or projects)[0])
        describer = describers(project, context._macros)
        loaded.models.append(describer.describe(model, model.data_hash, None))


def refuse_duplicates(models: list[dict[str, Any]]) -> None:
    paths: dict[str, str | None] = {}
    for model in models:
        if model["fqn"] in paths:
            where = f"{paths[model['fqn']]} and {model['path']}"
            raise Refused(
                "load-failed",
                f"Two projects define the model {model['name']}: {where}.",
            )
        paths[model["fqn"]] = model["path"]
