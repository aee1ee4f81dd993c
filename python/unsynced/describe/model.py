"""What one SQLMesh model is made of: its identity, and the parts that enter its data_hash, with the files
that they come from."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import internals
from .parents import parents_of
from .parts import Part, digest, kind_parts, part, setting_parts, variable_parts
from .query import sql_parts

VARIABLES = {"__sqlmesh__vars__": "@", "__sqlmesh__blueprint__vars__": "blueprint @"}


class Describer:
    """Describes the models of one project."""

    def __init__(
        self,
        tree: Path,
        project: Path,
        macros: Iterable[str],
        secrets: Iterable[str],
        changed: Iterable[str] | None,
        narrow: bool,
    ) -> None:
        """`secrets`: texts that no value may show, since a comment is not masked as a log is.
        `changed`: files that differ between the commits, relative to the tree; None = not known.
        `narrow`: nothing but those and the data of seeds differs."""
        self.tree = tree
        self.project = project
        self.macros = set(macros)
        self.secrets = list(secrets)
        self.changed = None if changed is None else set(changed)
        self.narrow = narrow
        self.constants: dict[tuple[str, str], str | None] = {}
        self.modules: tuple[int, list[tuple[str, dict[str, Any]]]] | None = None

    def describe(
        self, model: Any, data_hash: str | None, ingredients: str | None
    ) -> dict[str, Any]:
        """One entry of the manifest's `models`."""
        external = model.kind.name.value == "EXTERNAL"
        # Parents last: looking for them may leave a model with half a query.
        parts = self.parts(model)
        return {
            "fqn": model.fqn,
            "name": model.name,
            "catalog": unquoted(model.fully_qualified_table.catalog),
            "schema": model.schema_name,
            "view": model.view_name,
            "dataHash": data_hash or None,
            "ingredients": ingredients,
            "kind": model.kind.name.value,
            "external": external,
            "incremental": bool(getattr(model.kind, "is_incremental", False)),
            "path": self.relative(internals.path.get(model, None)),
            "dependsOn": [] if external else parents_of(model),
            "dialect": model.dialect or "",
            "cron": model.cron,
            "intervalUnit": model.interval_unit.value,
            "owner": model.owner,
            "tags": list(model.tags),
            "reusesVersion": reuses_version(model),
            "materializedView": is_materialized_view(model.kind),
            "restless": self.restless_constants(model),
            "parts": parts,
        }

    def is_explained(self, file: str | None) -> bool:
        """The text of a query in an equal .sql file is equal, so nobody will ask what moved in it."""
        own = self.narrow or (file is not None and file.endswith(".sql"))
        return self.changed is None or not own or file in self.changed

    def relative(self, path: Any) -> str | None:
        """A file inside the tree, with forward slashes; None for any other."""
        if path is None or not str(path) or str(path) == ".":
            return None
        file = Path(os.path.normpath(self.project / path))
        return file.relative_to(self.tree).as_posix() if self.tree in file.parents else None

    def parts(self, model: Any) -> list[Part]:
        file = self.relative(internals.path.get(model, None))
        if self.narrow and not self.is_explained(file) and model.source_type != "seed":
            return []
        found = [
            *self.code_parts(model),
            *kind_parts(model, file),
            *setting_parts(model, file),
            *self.jinja_parts(model),
            *self.seed_parts(model),
            *sql_parts(model, file, self.is_explained(file)),
        ]
        entrypoint = getattr(model, "entrypoint", None)
        if entrypoint is not None:
            found.append(part("python", "entrypoint", entrypoint, file, entrypoint))
        for one in found:
            if one["value"] is not None and any(text in one["value"] for text in self.secrets):
                one["value"] = None
        return found

    def code_parts(self, model: Any) -> Iterable[Part]:
        """Python that the model runs or that its macros run, and the variables they read."""
        is_python = getattr(model, "source_type", "") == "python"
        own_file = self.relative(internals.path.get(model, None))
        for name, executable in sorted(model.python_env.items()):
            if getattr(executable, "is_metadata", None):
                continue
            if name in VARIABLES:
                written = self.config_file() if name == "__sqlmesh__vars__" else own_file
                yield from variable_parts(VARIABLES[name], executable.payload, written)
                continue
            kind = "python" if is_python and name not in self.macros else "macro"
            file = self.relative(executable.path) if executable.path else None
            if executable.is_definition:
                shown = f"@{name}" if name in self.macros else name
            elif executable.is_import:
                shown = executable.payload
            else:
                shown, file = name, self.file_of_constant(name, executable.payload)
            text = repr((name, str(executable.kind), executable.payload, executable.path))
            value = executable.payload if executable.is_value else None
            yield part(kind, shown, text, file, value, digest(executable.payload))

    def restless_constants(self, model: Any) -> list[dict[str, str]]:
        """Constants whose text, and so the hash, is another one in another process or place."""
        found = []
        for name, executable in sorted(model.python_env.items()):
            if not executable.is_value or name in VARIABLES:
                continue
            if str(self.tree) in executable.payload:
                found.append({"name": name, "why": "path"})
            elif holds_a_set(executable.payload):
                found.append({"name": name, "why": "order"})
        return found

    def config_file(self) -> str | None:
        names = ("config.yaml", "config.yml", "config.py", "sqlmesh.yaml", "sqlmesh.yml")
        present = [self.project / name for name in names if (self.project / name).is_file()]
        return self.relative(present[0]) if present else None

    def file_of_constant(self, name: str, payload: str) -> str | None:
        """SQLMesh keeps no path for a constant, but the module that it was read from is loaded."""
        found = self.constants.get((name, payload), "")
        if found == "":
            found = self.constants[(name, payload)] = self.search_constant(name, payload)
        return found

    def search_constant(self, name: str, payload: str) -> str | None:
        for file, names in self.project_modules():
            try:
                if name in names and repr(names[name]) == payload:
                    return file
            except Exception:  # noqa: BLE001, S112 - a repr of the user's own may do anything
                continue
        return None

    def project_modules(self) -> list[tuple[str, dict[str, Any]]]:
        """Files and names of the modules that come from the tree, found once as long as no other is loaded."""
        if self.modules is None or self.modules[0] != len(sys.modules):
            files = (
                (self.relative(getattr(one, "__file__", None)), one)
                for one in [*sys.modules.values()]
            )
            self.modules = len(sys.modules), [(file, vars(one)) for file, one in files if file]
        return self.modules[1]

    def jinja_parts(self, model: Any) -> Iterable[Part]:
        registry = getattr(model, "jinja_macros", None)
        if registry is None:
            return
        packages: list[tuple[str | None, Any]] = [(None, registry.root_macros)]
        packages += sorted(registry.packages.items())
        for package, macros in packages:
            for name, macro in sorted(macros.items()):
                shown = name if package is None else f"{package}.{name}"
                file = self.file_of_jinja(name) if package is None else None
                yield part("jinja", f"macro {shown}", macro.definition, file)
        for name in ("refs", "sources", "vars"):
            if name in registry.global_objs:
                yield part("jinja", name, repr(registry.global_objs[name]))

    def file_of_jinja(self, name: str) -> str | None:
        pattern = re.compile(r"\{%-?\s*macro\s+" + re.escape(name) + r"\s*\(")
        for file in sorted((self.project / "macros").rglob("*.sql")):
            if pattern.search(file.read_text("utf-8", "replace")):
                return self.relative(file)
        return None

    def seed_parts(self, model: Any) -> Iterable[Part]:
        if getattr(model, "source_type", "") != "seed":
            return
        file = self.relative(getattr(model, "seed_path", None))
        for column, value in model.column_hashes.items():
            yield part("seed", column, value, file)
        settings = getattr(model.kind, "csv_settings", None)
        yield part("seed", "csv_settings", repr(settings), self.relative(internals.path.get(model)))


def holds_a_set(payload: str) -> bool:
    """The order of a set of texts differs between processes (PYTHONHASHSEED)."""
    if "{" not in payload:
        return False
    try:
        nodes = ast.walk(ast.parse(payload, mode="eval"))
    except SyntaxError:
        return False
    return any(isinstance(node, ast.Set) and len(node.elts) > 1 for node in nodes)


def reuses_version(model: Any) -> str | None:
    """Changes that keep `snapshot.version` whatever their category (`Snapshot.categorize_as`)."""
    if getattr(model, "physical_version", None):
        return "pinned"
    mode = getattr(model, "virtual_environment_mode", None)
    if mode is not None and mode.value != "full":
        return "no-virtual-environment"
    return "forward-only" if getattr(model, "forward_only", False) else None


def is_materialized_view(kind: Any) -> bool:
    return kind.name.value == "VIEW" and bool(getattr(kind, "materialized", False))


def unquoted(name: Any) -> str:
    return getattr(name, "name", name) or ""
