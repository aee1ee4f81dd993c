"""Loads one commit's SQLMesh project in the user's Python and describes its models as one JSON document.

No warehouse, no state, no network, nothing written to the project. From SQLMesh 0.213 on a data_hash
is a hash of the text (SQLMesh pull request 5256), so the loaders alone are enough; before that it is a
hash of the rendered query, and SQLMesh's own full load is the only way to it. manifest.ts has the
answer's schema.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable

# Beside this file in the bundle, in the next folder in the sources.
HERE = os.path.dirname(os.path.abspath(__file__))
OURS = [HERE, os.path.join(os.path.dirname(HERE), "python")]
sys.path[:0] = OURS
from answering import Refused, answer
from probe_catalogs import Notices
from probe_context import installed, open_context
from probe_models import Describer, digest

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


def load(request: dict[str, Any]) -> dict[str, Any]:
    tree = Path(request["tree"])
    notices = Notices()
    context, raw = open_context(request, notices)
    secrets = [os.environ[name] for name in request["env"] if len(os.environ.get(name, "")) >= 4]
    models = load_fast(context, tree, secrets) if raw else load_full(context, tree, secrets)
    return {
        "versions": versions(),
        "gateway": context.selected_gateway,
        "defaultCatalog": context.default_catalog,
        "loader": "fast" if raw else "full",
        "models": sorted(models, key=lambda model: model["fqn"]),
        "notices": notices.found,
    }


def load_fast(context: Any, tree: Path, secrets: list[str]) -> list[dict[str, Any]]:
    from sqlmesh.core import loader as loaders
    from sqlmesh.core.model import cache

    cache.ModelCache.put = lambda self, *args, **kwargs: False
    cache.ModelCache.get = lambda self, *args, **kwargs: []
    described: list[dict[str, Any]] = []
    for loader in context._loaders:
        loader.load_model_tests = list
        loader._load_linting_rules = set
        project = Path(loader.config_path)
        with describing_workers(loaders, tree, project, secrets):
            loaded = loader.load()
        describer = Describer(tree, project, loaded.macros, secrets)
        for model in loaded.models.values():
            ready = isinstance(model, Described)
            described.append(model.entry if ready else describe(describer, model))
    refuse_duplicates(described)
    return described


class Described:
    """Stands for a model that a worker process described, so that the model itself need not travel."""

    def __init__(self, model: Any, entry: dict[str, Any]) -> None:
        self.fqn = model.fqn
        self.name = model.name
        self.enabled = model.enabled
        self.entry = entry


@contextmanager
def describing_workers(
    loaders: Any, tree: Path, project: Path, secrets: list[str]
) -> Iterator[None]:
    """SQLMesh parses SQL models in worker processes: describe them there, on all cores."""
    original: Callable[..., Any] | None = getattr(loaders, "load_sql_models", None)
    if original is None:
        yield
        return

    def load_sql_models(*args: Any) -> Any:
        macros = (loaders._defaults or {}).get("macros", {})
        describer = Describer(tree, project, macros, secrets)
        return replaced(original(*args), lambda model: Described(model, describe(describer, model)))

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


def load_full(context: Any, tree: Path, secrets: list[str]) -> list[dict[str, Any]]:
    context.load()
    projects = list(context.configs)
    described = []
    for model in context._models.values():
        path = getattr(model, "_path", None)
        own = [project for project in projects if path and Path(project) in Path(path).parents]
        project = Path((own or projects)[0])
        describer = Describer(tree, project, context._macros, secrets)
        described.append(describer.describe(model, model.data_hash, None))
    return described


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


if __name__ == "__main__":
    answer("manifest", load)
