"""What one SQLMesh model is made of: its identity, and the parts that enter its data_hash.

A part is one ingredient of `Model._data_hash_values` (sqlmesh/core/model/definition.py) under a name
that people know. Only digests leave this process, and short settings; never the code itself.
Works with the models of every SQLMesh that the probe supports: what an older one lacks is left out.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Callable

from probe_parents import parents_of

Part = dict[str, Any]

SHORT = 200
VARIABLES = {"__sqlmesh__vars__": "@", "__sqlmesh__blueprint__vars__": "blueprint @"}

# Fields of a kind that its `data_hash_values` hold; the others are metadata (sqlmesh/core/model/kind.py).
HASHED_KIND_FIELDS = [
    "dialect",
    "lookback",
    "time_column",
    "unique_key",
    "when_matched",
    "merge_filter",
    "insert_overwrite",
    "materialized",
    "valid_from_name",
    "valid_to_name",
    "invalidate_hard_deletes",
    "time_data_type",
    "batch_size",
    "updated_at_name",
    "updated_at_as_valid_from",
    "columns",
    "execution_time_as_valid_from",
    "materialization",
    "materialization_properties_",
    "definition",
    "adapter",
]
# Hashed by SCD kinds alone; elsewhere it is metadata.
ONLY_SCD = ("batch_size",)

MODEL_PROPERTIES = [
    "table_format",
    "storage_format",
    "stamp",
    "physical_schema_override",
    "physical_version",
    "gateway",
    "optimize_query",
    "virtual_environment_mode",
]


def digest(*texts: str | None) -> str:
    """Short, stable and safe to show: a digest tells whether two texts are equal, nothing else."""
    joined = "\0".join("\1" if text is None else text for text in texts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def part(
    kind: str,
    name: str,
    text: str,
    file: str | None = None,
    value: str | None = None,
    canonical: str | None = None,
) -> Part:
    shown = value if value is not None and len(value) <= SHORT else None
    return {
        "kind": kind,
        "name": name,
        "file": file,
        "digest": digest(text),
        "canonical": canonical,
        "value": shown,
        "clauses": None,
        "projections": None,
    }


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
            "path": self.relative(getattr(model, "_path", None)),
            "dependsOn": [] if external else parents_of(model),
            "dialect": model.dialect or "",
            "cron": model.cron,
            "intervalUnit": model.interval_unit.value,
            "owner": model.owner,
            "tags": list(model.tags),
            "reusesVersion": reuses_version(model),
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
        file = self.relative(getattr(model, "_path", None))
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
        own_file = self.relative(getattr(model, "_path", None))
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
        for module in list(sys.modules.values()):
            file = self.relative(getattr(module, "__file__", None))
            if file is None or name not in vars(module):
                continue
            try:
                if repr(vars(module)[name]) == payload:
                    return file
            except Exception:  # noqa: BLE001, S112 - a repr of the user's own may do anything
                continue
        return None

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
        yield part("seed", "csv_settings", repr(settings), self.relative(model._path))


def variable_parts(prefix: str, payload: str, file: str | None) -> Iterable[Part]:
    """One part for each variable of the dictionary that SQLMesh hashes as Python source."""
    body = ast.parse(payload, mode="eval").body
    if not isinstance(body, ast.Dict):
        yield part("variables", f"{prefix}variables", payload, file)
        return
    entries = {ast.literal_eval(key): node for key, node in zip(body.keys, body.values) if key}
    for name, node in sorted(entries.items()):
        text = ast.unparse(node)
        is_sql = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "SqlValue"
        shown = str(ast.literal_eval(node.keywords[0].value)) if is_sql else text
        yield part("variables", f"{prefix}{name}", text, file, shown)


def holds_a_set(payload: str) -> bool:
    """The order of a set of texts differs between processes (PYTHONHASHSEED)."""
    if "{" not in payload:
        return False
    try:
        nodes = ast.walk(ast.parse(payload, mode="eval"))
    except SyntaxError:
        return False
    return any(isinstance(node, ast.Set) and len(node.elts) > 1 for node in nodes)


def kind_parts(model: Any, file: str | None) -> Iterable[Part]:
    kind = model.kind
    name = kind.name.value
    yield part("kind", "kind", name, file, name)
    for field in HASHED_KIND_FIELDS:
        value = getattr(kind, field, None)
        if value is None or (field in ONLY_SCD and not name.startswith("SCD_")):
            continue
        text = text_of(value)
        yield part("kind", field.rstrip("_"), text, file, text)


def setting_parts(model: Any, file: str | None) -> Iterable[Part]:
    for name in ("partitioned_by_", "clustered_by"):
        values = getattr(model, name, None)
        if values:
            text = text_of(values)
            yield part("partitioning", name.rstrip("_"), text, file, text)
    unit = model.interval_unit.value
    yield part("interval-unit", "interval_unit", unit, file, unit)
    columns = getattr(model, "columns_to_types_", None)
    if columns:
        text = ", ".join(f"{name} {kind.sql(model.dialect)}" for name, kind in columns.items())
        yield part("columns", "columns", text, file, text)
    for name in MODEL_PROPERTIES:
        value = getattr(model, name, None)
        if value is not None:
            text = text_of(value)
            yield part("properties", name.replace("_override", ""), text, file, text)
    for name, value in (getattr(model, "physical_properties", None) or {}).items():
        text = text_of(value)
        yield part("properties", f"physical_properties.{name}", text, file, text)
    if getattr(model, "source_type", "") == "seed" and getattr(model, "grants", None):
        yield part("properties", "grants", repr(model.grants), file)


def text_of(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(text_of(item) for item in value)
    column = getattr(value, "column", None)  # a TimeColumn
    if column is not None and hasattr(value, "format"):
        return f"{column.sql(comments=False)}, {value.format}"
    if hasattr(value, "sql"):
        return value.sql(comments=False)
    return str(getattr(value, "value", value))


def sql_parts(model: Any, file: str | None, explained: bool) -> Iterable[Part]:
    if getattr(model, "source_type", "") != "sql":
        return
    dialect = model.dialect
    definitions: list[tuple[str, str, str]] = []
    for field, name in (
        ("pre_statements", "pre-statement"),
        ("post_statements", "post-statement"),
    ):
        raw = getattr(model, f"{field}_", None) or []
        for position, statement in enumerate(raw, 1):
            parsed = statement.parse(dialect) if hasattr(statement, "parse") else statement
            text = raw_text(statement)
            if type(parsed).__name__ == "MacroDef":
                definitions.append((f"@DEF {parsed.name}", text, plain_sql(parsed, dialect)))
                continue
            canonical = digest(plain_sql(parsed, dialect))
            yield part("statements", f"{name} {position}", text, file, None, canonical)
    query = getattr(model, "query_", None)
    if query is None:
        query = model.query
    text = raw_text(query)
    found = part("query", "query", repr([text, *(entry[1] for entry in definitions)]), file)
    if not explained:
        yield found
        return
    found["canonical"] = attempt(lambda: rendered_digest(model))
    found["clauses"] = attempt(lambda: clauses_of(model.query, dialect))
    if found["clauses"] is not None:
        found["clauses"].update({name: digest(sql) for name, _, sql in definitions})
    found["projections"] = attempt(lambda: projections_of(model.query))
    yield found


def raw_text(statement: Any) -> str:
    """What SQLMesh hashes: the text as it is written (0.213 and newer), else the parsed statement."""
    text = getattr(statement, "sql", "")
    return text if isinstance(text, str) else statement.sql()


def plain_sql(expression: Any, dialect: str) -> str:
    return expression.sql(dialect=dialect, comments=False)


def rendered_digest(model: Any) -> str | None:
    """What SQLMesh compares to call a change metadata-only (`SqlModel.is_metadata_only_change`)."""
    rendered = model.render_query(needs_optimization=False)
    return None if rendered is None else digest(plain_sql(rendered, model.dialect))


def clauses_of(query: Any, dialect: str) -> dict[str, str] | None:
    """Digests that together cover the whole query: equal clauses mean an equal query."""
    if type(query).__name__ != "Select":
        return {"UNION": digest(plain_sql(query, dialect))} if hasattr(query, "selects") else None
    clauses: dict[str, str] = {}
    for key, value in query.args.items():
        name = {"expressions": "SELECT"}.get(key, key.rstrip("_").upper())
        if key in ("with", "with_"):
            for cte in value.expressions if value else []:
                clauses[f"CTE {cte.alias_or_name}"] = digest(plain_sql(cte, dialect))
            if value and value.args.get("recursive"):
                clauses["RECURSIVE"] = digest("")
        elif key == "joins":
            for join in value or []:
                join_name = f"JOIN {join.alias_or_name}"
                clauses[join_name] = digest(clauses.get(join_name), plain_sql(join, dialect))
        elif isinstance(value, list):
            if value:
                clauses[name] = digest(*(plain_sql(item, dialect) for item in value))
        elif hasattr(value, "sql"):
            clauses[name] = digest(plain_sql(value, dialect))
        elif value:
            clauses[name] = digest(str(value))
    return clauses


def projections_of(query: Any) -> list[str] | None:
    names = [selected.alias_or_name for selected in query.selects]
    return names if names and all(names) else None


def reuses_version(model: Any) -> str | None:
    """Changes that keep `snapshot.version` whatever their category (`Snapshot.categorize_as`)."""
    if getattr(model, "physical_version", None):
        return "pinned"
    mode = getattr(model, "virtual_environment_mode", None)
    if mode is not None and mode.value != "full":
        return "no-virtual-environment"
    return "forward-only" if getattr(model, "forward_only", False) else None


def unquoted(name: Any) -> str:
    return getattr(name, "name", name) or ""


def attempt(work: Callable[[], Any]) -> Any:
    """An explanation that SQLMesh cannot give (a query that renders only at run time) is none."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - whatever a macro raises
        return None
