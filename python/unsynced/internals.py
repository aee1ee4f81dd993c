"""Every private name of SQLMesh that is used, and every name of it that is replaced, each named here and nowhere else.

A release may move any of them without a word. So `missing_in` looks for all before anything of a project is loaded.
All modules named here are imported with `sqlmesh` itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from typing import Any

Version = tuple[int, ...]

# The oldest and the newest SQLMesh in which all of this was looked up (test/sqlmesh/internals.real.test.ts).
OLDEST: Version = (0, 170, 0)
NEWEST: Version = (0, 236, 4)
FOREVER: Version = (sys.maxsize,)


class Internal:
    """One name of a module or a class. Who is in doubt whether this SQLMesh has it asks `exists`, not for a version."""

    def __init__(
        self, place: str, name: str, since: Version = OLDEST, before: Version = FOREVER
    ) -> None:
        """`place`: `module` or `module:Class`. `since`, `before`: the versions that have it, of those that are tested."""
        self.place, self.name = place, name
        self.since, self.before = since, before

    def __str__(self) -> str:
        return f"{self.place.replace(':', '.')}.{self.name}"

    @cached_property
    def owner(self) -> Any:
        """The module or class; None where there is none of that name."""
        module, _, kind = self.place.partition(":")
        try:
            found = import_module(module)
        except ModuleNotFoundError:
            return None
        return getattr(found, kind, None) if kind else found

    @property
    def exists(self) -> bool:
        """Also what objects get as they are made."""
        if self.owner is None or hasattr(self.owner, self.name):
            return self.owner is not None
        makers = (vars(one).get("__init__") for one in getattr(self.owner, "__mro__", ()))
        codes = (getattr(maker, "__code__", None) for maker in makers)
        return any(self.name in code.co_names for code in codes if code is not None)

    def get(self, one: Any, *default: Any) -> Any:
        """Of an object. `default`: where it has none."""
        return getattr(one, self.name, *default)

    def set(self, one: Any, value: Any) -> None:
        setattr(one, self.name, value)

    @property
    def value(self) -> Any:
        """What the module or class has."""
        return getattr(self.owner, self.name)

    def replace(self, other: Any) -> None:
        setattr(self.owner, self.name, other)

    @contextmanager
    def replaced(self, other: Any, on: Any = None) -> Iterator[None]:
        """For the time being. `on`: a class below the owner."""
        owner = self.owner if on is None else on
        # As it is written there: what `getattr` gives of a class method is bound.
        original = vars(owner).get(self.name)
        setattr(owner, self.name, other)
        try:
            yield
        finally:
            if original is None:
                delattr(owner, self.name)
            else:
                setattr(owner, self.name, original)


# What a context has loaded, and what would have it ask servers and the state.
CONTEXT = "sqlmesh.core.context:GenericContext"
loaders = Internal(CONTEXT, "_loaders")
models = Internal(CONTEXT, "_models")
macros = Internal(CONTEXT, "_macros")
projects = Internal(CONTEXT, "_projects")
load_state = Internal(CONTEXT, "_load_state", since=(0, 236, 4))
state_sync = Internal(CONTEXT, "_state_sync")
default_catalog = Internal(CONTEXT, "_default_catalog", before=(0, 200, 0))
catalog_per_gateway = Internal(
    CONTEXT, "_default_catalog_per_gateway", (0, 188, 0), before=(0, 200, 0)
)
cached_catalogs = Internal(CONTEXT, "default_catalog_per_gateway", since=(0, 188, 0))

# What loaders do besides models, which files they take, and what their workers do.
LOADER = "sqlmesh.core.loader:SqlMeshLoader"
load = Internal(LOADER, "load")
load_metrics = Internal(LOADER, "_load_metrics")
load_requirements = Internal(LOADER, "_load_requirements")
load_environment_statements = Internal(LOADER, "_load_environment_statements")
load_linting_rules = Internal(LOADER, "_load_linting_rules")
load_model_tests = Internal(LOADER, "load_model_tests", since=(0, 188, 0))
load_model_test_file = Internal(LOADER, "_load_model_test_file", since=(0, 188, 0))
glob_paths = Internal(LOADER, "_glob_paths")
load_project_models = Internal(LOADER, "_load_sql_models")
load_sql_models = Internal("sqlmesh.core.loader", "load_sql_models", since=(0, 188, 0))
worker_defaults = Internal("sqlmesh.core.loader", "_defaults", since=(0, 188, 0))
loader_futures = Internal("sqlmesh.core.loader", "concurrent", since=(0, 188, 0))
max_fork_workers = Internal("sqlmesh.core.constants", "MAX_FORK_WORKERS")

# What a load keeps, in the project or at all.
file_cache_init = Internal("sqlmesh.utils.cache:FileCache", "__init__")
model_cache_put = Internal("sqlmesh.core.model.cache:ModelCache", "put", since=(0, 188, 0))
model_cache_get = Internal("sqlmesh.core.model.cache:ModelCache", "get", since=(0, 188, 0))

# Connections that cannot be made here, and adapters that do not connect.
CONNECTION = "sqlmesh.core.config.connection"
parse_connection_config = Internal(CONNECTION, "parse_connection_config")
engine_adapter = Internal(f"{CONNECTION}:ConnectionConfig", "_engine_adapter")
extra_engine_config = Internal(f"{CONNECTION}:ConnectionConfig", "_extra_engine_config")
ADAPTER = "sqlmesh.core.engine_adapter.base:EngineAdapter"
adapter_catalog = Internal(ADAPTER, "_default_catalog")
adapter_config = Internal(ADAPTER, "_extra_config")
jinja_methods = Internal("sqlmesh.utils.yaml", "JINJA_METHODS")

# What a model is hashed by, and what it remembers of itself.
model_class = Internal("sqlmesh.core.model.definition", "_Model")
MODEL = "sqlmesh.core.model.definition:_Model"
path = Internal(MODEL, "_path")
data_hash = Internal(MODEL, "_data_hash")
metadata_hash = Internal(MODEL, "_metadata_hash")
data_hash_values = Internal(MODEL, "_data_hash_values")
data_hash_values_no_sql = Internal(MODEL, "_data_hash_values_no_sql", since=(0, 213, 0))
data_hash_values_sql = Internal(MODEL, "_data_hash_values_sql", since=(0, 213, 0))
full_depends_on = Internal(MODEL, "_full_depends_on")
metadata_only_cache = Internal(MODEL, "_is_metadata_only_change_cache", since=(0, 213, 0))
is_time_in_partitioned_by = Internal(MODEL, "_is_time_column_in_partitioned_by")
validate_definition = Internal(MODEL, "validate_definition")
from_rules = Internal("sqlmesh.core.linter.definition:Linter", "from_rules")
parsed = Internal("sqlmesh.core.model.common:ParsableSql", "_parsed", since=(0, 213, 0))

# The query of a model and its columns.
SQL_MODEL = "sqlmesh.core.model.definition:SqlModel"
columns = Internal(SQL_MODEL, "_columns_to_types")
columns_to_types = Internal(SQL_MODEL, "columns_to_types")
query_renderer = Internal(SQL_MODEL, "_query_renderer")
is_breaking_change = Internal(SQL_MODEL, "is_breaking_change")
is_metadata_only_change = Internal(SQL_MODEL, "is_metadata_only_change", since=(0, 213, 0))
RENDERER = "sqlmesh.core.renderer:QueryRenderer"
expression = Internal(RENDERER, "_expression")
rendered = Internal(RENDERER, "_cache")
optimized = Internal(RENDERER, "_optimized_cache")
macro_definitions = Internal(RENDERER, "_macro_definitions")
normalize_and_quote = Internal(RENDERER, "_normalize_and_quote")
EVALUATOR = "sqlmesh.core.macros:MacroEvaluator"
evaluator_schema = Internal(EVALUATOR, "_schema")
evaluator_columns = Internal(EVALUATOR, "columns_to_types")

# How a plan categorises changes.
BUILDER = "sqlmesh.core.plan.builder:PlanBuilder"
build_dag = Internal(BUILDER, "_build_dag")
build_modified = Internal(BUILDER, "_build_directly_and_indirectly_modified")
categorize_snapshots = Internal(BUILDER, "_categorize_snapshots")
is_new_snapshot = Internal(BUILDER, "_is_new_snapshot")
categorizer_config = Internal(BUILDER, "_categorizer_config")
forward_only = Internal(BUILDER, "_forward_only")
categorize_change = Internal("sqlmesh.core.plan.builder", "categorize_change")
upstream = Internal("sqlmesh.utils.dag:DAG", "upstream")

INTERNALS = [one for one in vars().copy().values() if isinstance(one, Internal)]


def missing_in(version: Version) -> list[Internal]:
    """What a SQLMesh of this version should have and this one has not."""
    return [one for one in INTERNALS if one.since <= version < one.before and not one.exists]
