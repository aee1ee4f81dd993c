"""Loads the Dagster definitions of one commit and says which assets they define. Nothing is run.

Needs the user's Dagster (1.11 to 1.13) and nothing else. definitions.ts has the answer's schema.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from .partitions.mapped_partitions import Partitions, parents_of
from .protocol import Refused, answer, lead_editable_imports, lead_imports

# A folder with one of these is where a Dagster project is started from.
ROOT_FILES = (
    "pyproject.toml",
    "dg.toml",
    "setup.py",
    "setup.cfg",
    "workspace.yaml",
    "dagster_cloud.yaml",
)
# Never part of a project's own code, and often large.
SKIPPED = {"node_modules", "site-packages", "__pycache__"}


def load(request: dict[str, Any]) -> dict[str, Any]:
    tree = Path(request["tree"]).resolve()
    workspace = Path(request["workspace"]).resolve()
    prepare_home()
    lead_imports(workspace, tree)
    lead_editable_imports(workspace, tree)
    import_dagster()
    target = request["target"]
    if target["file"] is not None:
        module = load_file(target["file"], tree)
    else:
        module = load_module(target["module"], tree)
    file = relative(module.__file__, tree)
    graph = graph_of(find_definitions(module, target["attribute"], file))
    partitions = Partitions(graph, request["at"])
    import dagster

    return {
        "versions": {"python": platform.python_version(), "dagster": dagster.__version__},
        "file": file,
        "imported": [name for name in request["modules"] if name in sys.modules],
        "assets": assets_of(graph, partitions),
        **partitions.tables(),
        "notices": foreign_modules(workspace, tree),
    }


def prepare_home() -> None:
    """An instance of its own: the user's must neither be read nor written."""
    home = Path(os.environ["DAGSTER_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    warnings.simplefilter("ignore")


def relative(path: str | None, folder: Path) -> str | None:
    if not path:
        return None
    try:
        return Path(path).resolve().relative_to(folder).as_posix()
    except (OSError, ValueError):
        return None


def import_dagster() -> None:
    if importlib.util.find_spec("dagster") is None:
        raise Refused(
            "environment",
            f"Dagster is not installed in {sys.executable}.",
            "Install what the Dagster code location needs where the project is loaded, or leave "
            "the input `definitions` out.",
        )
    importlib.import_module("dagster")


def load_file(file: str, tree: Path) -> ModuleType:
    path = tree / file
    if not path.is_file():
        raise Refused("config", f"This commit has no file {file}.", ABSENT)
    enter(start_folder(path.parent, tree))
    sys.path.append(str(path.parent))
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


ABSENT = (
    "Check the input `definitions`; both commits need it. Until the base branch has it, leave the "
    "input out."
)


def load_module(name: str, tree: Path) -> ModuleType:
    files = [f"{name.replace('.', '/')}.py", f"{name.replace('.', '/')}/__init__.py"]
    found = [(root, file) for root in folders_in(tree) for file in files if (root / file).is_file()]
    if not found:
        raise Refused("config", f"This commit has no module {name}.", ABSENT)
    if len(found) > 1:
        paths = sorted((root / file).relative_to(tree).as_posix() for root, file in found)
        raise Refused(
            "config",
            f"This commit has several modules {name}: {', '.join(paths)}.",
            "Give the file's path instead.",
        )
    root, file = found[0]
    enter(start_folder(root, tree))
    sys.path.insert(0, str(root))
    module = importlib.import_module(name)
    if relative(module.__file__, tree) is None:
        raise Refused(
            "config",
            f"The module {name} was loaded from {module.__file__}, not from this commit.",
            f"Give the path of the file instead: {(root / file).relative_to(tree).as_posix()}.",
        )
    return module


def folders_in(tree: Path) -> Iterator[Path]:
    for folder, names, _ in os.walk(tree):
        names[:] = [name for name in names if not name.startswith(".") and name not in SKIPPED]
        yield Path(folder)


def start_folder(folder: Path, tree: Path) -> Path:
    """Where `dagster dev` would be started: relative paths in definitions count from there."""
    for candidate in (folder, *folder.parents):
        if any((candidate / name).is_file() for name in ROOT_FILES):
            return candidate
        if candidate == tree:
            break
    return folder


def enter(folder: Path) -> None:
    os.chdir(folder)
    sys.path.insert(0, str(folder))


# Dagster's definitions


def find_definitions(module: ModuleType, attribute: str | None, file: str | None) -> Any:
    from dagster import Definitions, RepositoryDefinition

    kinds = (Definitions, RepositoryDefinition, *lazy_kinds())
    if attribute is not None:
        value = getattr(module, attribute, None)
        if not isinstance(value, kinds):
            what = "no" if value is None else f"a {type(value).__name__}, not a Definitions, in"
            message = f"{module.__name__} has {what} attribute {attribute}."
            raise Refused("config", message, "Name a Definitions object after the colon.", file)
        return value
    found = {name: value for name, value in vars(module).items() if isinstance(value, kinds)}
    distinct = {id(value): value for value in found.values()}
    if not distinct:
        raise Refused(
            "config",
            f"{module.__name__} holds no Dagster Definitions.",
            "Point the input `definitions` to the module that your code location loads.",
            file,
        )
    if len(distinct) > 1:
        raise Refused(
            "config",
            f"{module.__name__} holds several Definitions: {', '.join(found)}.",
            f"Name one of them, such as {module.__name__}:{next(iter(found))}.",
            file,
        )
    return next(iter(distinct.values()))


def lazy_kinds() -> tuple[type, ...]:
    """What `@definitions` makes of a function."""
    kinds = []
    for place in ("dagster.components.definitions", "dagster._utils.test.definitions"):
        try:
            kinds.append(importlib.import_module(place).LazyDefinitions)
        except (ImportError, AttributeError):
            continue
    return tuple(kinds)


def graph_of(definitions: Any) -> Any:
    if isinstance(definitions, lazy_kinds()):
        definitions = definitions()
    if hasattr(definitions, "get_repository_def"):
        definitions = definitions.get_repository_def()
    return definitions.asset_graph


def assets_of(graph: Any, partitions: Partitions) -> list[dict[str, Any]]:
    return [asset_of(graph.get(key), partitions) for key in sorted(graph.get_all_asset_keys())]


def asset_of(node: Any, partitions: Partitions) -> dict[str, Any]:
    return {
        "key": list(node.key.path),
        "codeVersion": None if node.code_version is None else str(node.code_version),
        "parents": [list(key.path) for key in parents_of(node)],
        "reads": partitions.reads_of(node),
        "group": node.group_name,
        "kinds": sorted(getattr(node, "kinds", None) or ()),
        "tableName": text_in(node.metadata, "dagster/table_name"),
        "partitions": partitions.place_of(node),
        "external": bool(node.is_external),
        "virtual": bool(getattr(node, "is_virtual", False)),
    }


def text_in(metadata: Any, name: str) -> str | None:
    value = (metadata or {}).get(name)
    value = getattr(value, "value", value)
    return value if isinstance(value, str) else None


def foreign_modules(workspace: Path, tree: Path) -> list[dict[str, str]]:
    foreign = sorted(
        name
        for name, module in list(sys.modules.items())
        if is_foreign(getattr(module, "__file__", None), workspace, tree)
    )
    if not foreign:
        return []
    message = (
        f"`{foreign[0]}` was imported from the checkout, not from the commit that was loaded"
        + (f" (and {len(foreign) - 1} more)" if len(foreign) > 1 else "")
    )
    return [{"code": "foreign-module", "message": message}]


def is_foreign(file: Any, workspace: Path, tree: Path) -> bool:
    """From the checkout itself, and not from an environment that happens to lie in it."""
    inside = relative(file, workspace) if isinstance(file, str) else None
    return inside is not None and "site-packages" not in inside and (tree / inside).exists()


def main() -> None:
    answer({"definitions": load})
