"""Loads one commit's SQLMesh project in the user's Python and describes its models as one JSON document.

Request: one JSON object on standard input. Answer: one JSON document on file descriptor 3, with the
request's nonce (manifest.ts has its schema). Everything printed belongs to the project.

No warehouse, no state, no network, nothing written to the project. From SQLMesh 0.213 on a data_hash
is a hash of the text (SQLMesh pull request 5256), so the loaders alone are enough; before that it is a
hash of the rendered query, and SQLMesh's own full load is the only way to it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import io
import json
import os
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from probe_catalogs import Connections, Notices
from probe_models import Describer, digest

# The project must find its own modules, not ours.
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != HERE]

PROTOCOL = 1
# The first SQLMesh whose data_hash is a hash of the text.
RAW_HASHES = (0, 213)


class Refused(Exception):
    """An error with words of our own."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def main() -> None:
    answer, request = open_channels()
    envelope = {"protocol": PROTOCOL, "nonce": request["nonce"]}
    try:
        envelope.update(ok=True, manifest=load(request))
    except Exception as error:  # noqa: BLE001 - the project's code may raise anything
        envelope.update(ok=False, error=explain(error, request))
        print_traceback()
    except SystemExit as error:
        message = f"The project ended the load with exit code {error.code}."
        found = {"code": "load-failed", "message": message, "file": None, "hint": None}
        envelope.update(ok=False, error=found)
    with answer:
        answer.write(json.dumps(envelope, ensure_ascii=True).encode("ascii"))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # The project's threads and exit handlers (analytics among them) are not waited for.
    os._exit(0)


def open_channels() -> tuple[io.BufferedWriter, dict[str, Any]]:
    """Reads the request, and takes the answer's pipe away from everything the project starts."""
    request = json.loads(sys.stdin.buffer.read())
    answer = os.dup(3)
    os.close(3)
    os.set_inheritable(answer, False)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return os.fdopen(answer, "wb"), request


def print_traceback() -> None:
    import traceback

    traceback.print_exc()


# --- What is installed ------------------------------------------------------------------------


def installed(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def import_sqlmesh() -> tuple[int, ...]:
    """Imports SQLMesh and gives its version as numbers; empty for a version that has none."""
    try:
        importlib.import_module("sqlmesh")
    except ModuleNotFoundError as error:
        if error.name == "sqlmesh":
            raise Refused("environment", "SQLMesh is not installed in this Python.") from error
        raise environment_error(error) from error
    except Exception as error:
        raise environment_error(error) from error
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", installed("sqlmesh") or "")
    return tuple(int(number) for number in numbers.groups()) if numbers else ()


def environment_error(error: Exception) -> Refused:
    text = f"SQLMesh cannot be imported: {type(error).__name__}: {error}"
    hint = "Run `python -c 'import sqlmesh'` in this environment and mend what it says."
    if "interpreted classes cannot inherit from compiled" in str(error):
        hint = "The compiled sqlglot (`sqlglotc`, `sqlglot[c]`) breaks this SQLMesh. Uninstall sqlglotc."
    return Refused("environment", text, hint)


def versions() -> dict[str, str | None]:
    return {
        "python": platform.python_version(),
        "sqlmesh": installed("sqlmesh") or "unknown",
        "sqlglot": installed("sqlglot") or "unknown",
        "dagster": installed("dagster"),
        "dgSqlmesh": installed("dg-sqlmesh"),
        "dagsterSqlmesh": installed("dagster-sqlmesh"),
    }


# --- Loading ----------------------------------------------------------------------------------


def load(request: dict[str, Any]) -> dict[str, Any]:
    tree, projects = Path(request["tree"]), [Path(path) for path in request["projects"]]
    notices = Notices()
    lead_imports(Path(request["workspace"]), tree)
    version = import_sqlmesh()
    lead_editable_imports(Path(request["workspace"]), tree)
    connections = Connections(notices)
    connections.without_drivers()
    keep_caches_out(tree)
    from sqlmesh import Context

    context = Context(
        paths=[str(path) for path in projects], gateway=request["gateway"], load=False
    )
    connections.give_catalogs(context)
    forbid_state(context)
    secrets = [os.environ[name] for name in request["env"] if len(os.environ.get(name, "")) >= 4]
    raw = version >= RAW_HASHES
    models = load_fast(context, tree, secrets) if raw else load_full(context, tree, secrets)
    return {
        "versions": versions(),
        "gateway": context.selected_gateway,
        "defaultCatalog": context.default_catalog,
        "loader": "fast" if raw else "full",
        "models": sorted(models, key=lambda model: model["fqn"]),
        "notices": notices.found,
    }


def lead_imports(workspace: Path, tree: Path) -> None:
    """Imports that would reach the user's checkout reach this commit's files instead."""
    for position, entry in enumerate(sys.path):
        sys.path[position] = led(entry, workspace, tree)


def lead_editable_imports(workspace: Path, tree: Path) -> None:
    """Editable installs map package names to folders (setuptools' `__editable__` finders)."""
    for finder in sys.meta_path:
        module = sys.modules.get(getattr(finder, "__module__", ""), None)
        mapping = getattr(module, "MAPPING", None)
        if module is not None and "__editable__" in module.__name__ and isinstance(mapping, dict):
            for name, folder in mapping.items():
                mapping[name] = led(str(folder), workspace, tree)


def led(entry: str, workspace: Path, tree: Path) -> str:
    if "site-packages" in entry:
        return entry
    try:
        inside = Path(entry).resolve().relative_to(workspace.resolve())
    except (OSError, ValueError):
        return entry
    return str(tree / inside) if entry else entry


def keep_caches_out(tree: Path) -> None:
    """SQLMesh's cache is in the project unless told otherwise, which before 0.200 it cannot be."""
    from sqlmesh.utils import cache

    original = cache.FileCache.__init__
    home = Path(os.environ["SQLMESH_HOME"]) / "cache"

    def init(self: Any, path: Path, *args: Any, **kwargs: Any) -> None:
        inside = str(path).startswith(str(tree))
        original(self, home / Path(path).name if inside else path, *args, **kwargs)

    cache.FileCache.__init__ = init


def forbid_state(context: Any) -> None:
    """A `project:` in the configuration makes a load read, and even create, the state database."""
    context._projects = set()
    context._load_state = False

    class NoState:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(f"the load asked SQLMesh's state for {name}")

    context._state_sync = NoState()


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


# --- Errors -----------------------------------------------------------------------------------


def explain(error: Exception, request: dict[str, Any]) -> dict[str, str | None]:
    if isinstance(error, Refused):
        return {
            "code": error.code,
            "message": str(error),
            "file": None,
            "hint": error.hint,
        }
    tree = str(request["tree"])
    # sqlglot underlines with terminal codes what it could not parse.
    text = re.sub(r"\x1b\[[0-9;]*m", "", f"{type(error).__name__}: {error}")
    location = getattr(error, "location", None)
    file = inside(str(location), tree) if location else None
    if file is None:
        for found in re.findall(re.escape(tree) + r"/([^\s'\",:]+)", text):
            file = file or (found if (Path(tree) / found).is_file() else None)
    hint = None
    if isinstance(error, KeyError) or "env_var" in text:
        hint = "If it is an environment variable, name it in the input `env`."
    elif "unhashable type: 'dict'" in text:
        hint = "SQLMesh of this age needs an older dateparser: pin `dateparser<1.3`."
    return {
        "code": "load-failed",
        "message": text.replace(f"{tree}/", "")[:4000],
        "file": file,
        "hint": hint,
    }


def inside(path: str, tree: str) -> str | None:
    return path[len(tree) + 1 :] if path.startswith(f"{tree}/") else None


if __name__ == "__main__":
    main()
