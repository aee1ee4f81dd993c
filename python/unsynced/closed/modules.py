"""The Python of a project by file and name: which file an import means, and what a name stands for.

Nothing is imported for it: a project's folder leads Python's path, and Python looks there first.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Union

from .allowed_names import ALIASES, IMPORTABLE, IMPORTED_BEFORE, gives

Function = (ast.FunctionDef, ast.AsyncFunctionDef)

# Bases of classes that do not bring attributes of their own.
PLAIN_BASES = {
    "object",
    "ABC",
    "Enum",
    "IntEnum",
    "StrEnum",
    "str",
    "int",
    "Exception",
    "ValueError",
}


CLASS = "class"


class NotClosed(Exception):
    """Something that may read a file, and where it is."""


# What a name stands for: a value, a module of others, a file of the project or a folder of such files,
# a name of another of its files, or what may not be used.
class Value:
    """Something that running code makes or is given; `origin`: a name of a module of others, if it is that, and
    `CLASS` of a class of the project's."""

    def __init__(self, origin: str = "") -> None:
        self.origin = origin


class Foreign:
    def __init__(self, module: str) -> None:
        self.module = ALIASES.get(module, module)


class Own:
    """A module of the project: dotted, as seen from its folder."""

    def __init__(self, module: str) -> None:
        self.module = module


class Borrowed:
    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Forbidden:
    def __init__(self, what: str) -> None:
        self.what = what


Binding = Union[Value, Foreign, Own, Borrowed, Forbidden]


class Module:
    """One file, and what its names stand for, wherever in it."""

    def __init__(self, path: str, dotted: str, is_package: bool, source: bytes) -> None:
        self.path, self.dotted = path, dotted
        self.package = dotted if is_package else dotted.rpartition(".")[0]
        self.tree = parsed(source, path)
        self.names: dict[str, list[Binding]] = {}
        # What its classes give to `self`, if none of them has attributes of others.
        self.plain = True
        self.own_attributes: set[str] = set()


def parsed(source: bytes, path: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotClosed(f"{path} is not understood: {type(error).__name__}") from error


class Project:
    """The Python of one project, as far as it is found to run."""

    def __init__(self, start: str, sources: Mapping[str, bytes]) -> None:
        """`start`: of the paths of the project's files. `sources`: by path, of all Python below it."""
        self.start, self.sources = start, sources
        self.modules: dict[str, Module] = {}
        # By name, wherever they are defined.
        self.functions: dict[str, list[tuple[Module, ast.AST]]] = {}
        self.folders = {
            path[: at + 1] for path in sources for at, sign in enumerate(path) if sign == "/"
        }
        # What is still to be looked at, and which names code that runs has used so far.
        self.waiting: list[tuple[Module, ast.AST]] = []
        self.used: set[str] = set()
        self.started: set[int] = set()

    # --- which file a name of a module means -------------------------------------------------------

    def has(self, dotted: str) -> bool:
        """Whether the project's folder, which leads Python's path, has such a module."""
        place = self.start + dotted.replace(".", "/")
        found = f"{place}.py" in self.sources or f"{place}/" in self.folders
        if found and dotted in IMPORTED_BEFORE:
            raise NotClosed(
                f"{place} has the name of a module that SQLMesh may have imported before"
            )
        return found

    def load(self, dotted: str) -> Module | None:
        """Has the module and the packages that it lies in run. None for a folder without a file of its own."""
        package, _, _ = dotted.rpartition(".")
        if package:
            self.load(package)
        place = self.start + dotted.replace(".", "/")
        file, init = f"{place}.py", f"{place}/__init__.py"
        if file in self.sources and f"{place}/" in self.folders:
            raise NotClosed(f"{file} and {place}/ have one name")
        path = init if init in self.sources else file
        if path not in self.sources:
            return None
        if dotted not in self.modules:
            module = Module(path, dotted, path == init, self.sources[path])
            self.modules[dotted] = module
            for node in ast.walk(module.tree):
                self.note(module, node)
            self.waiting.append((module, module.tree))
        return self.modules[dotted]

    def use(self, name: str) -> None:
        """Code that runs has named this: every function of the name may be called."""
        if name not in self.used:
            self.used.add(name)
            self.waiting += self.functions.get(name, [])

    # --- what names stand for -------------------------------------------------------------------

    def note(self, module: Module, node: ast.AST) -> None:
        """What the node gives names to, or defines."""

        def bind(name: str, binding: Binding) -> None:
            module.names.setdefault(name, []).append(binding)

        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bind(node.id, Value())
        elif isinstance(node, ast.arg):
            bind(node.arg, Value())
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bind(node.name, Value())
        elif isinstance(node, Function):
            bind(node.name, Value())
            self.functions.setdefault(node.name, []).append((module, node))
            if node.name in self.used:
                self.waiting.append((module, node))
        elif isinstance(node, ast.ClassDef):
            bind(node.name, Value(CLASS))
            plain = all(getattr(base, "id", None) in PLAIN_BASES for base in node.bases)
            module.plain = module.plain and plain
            module.own_attributes = (
                attributes_of(node) | module.own_attributes if module.plain else set()
            )
        elif isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                bind(alias.asname or top, self.imported(alias.name if alias.asname else top))
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                bind(alias.asname or alias.name, self.imported_from(module, node, alias.name))

    def imported(self, dotted: str) -> Binding:
        return Own(dotted) if self.has(dotted.partition(".")[0]) else Foreign(dotted)

    def imported_from(self, module: Module, node: ast.ImportFrom, name: str) -> Binding:
        source = self.source_of(module, node)
        if node.level or self.has(source.partition(".")[0]):
            return Borrowed(source, name)
        if f"{source}.{name}" in IMPORTABLE:
            return Foreign(f"{source}.{name}")
        source = ALIASES.get(source, source)
        return Value(f"{source}.{name}") if gives(source, name) else Forbidden(f"{source}.{name}")

    def source_of(self, module: Module, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = module.package.split(".") if module.package else []
        if node.level - 1 >= len(parts):
            raise NotClosed(f"{module.path} imports from outside of the project")
        kept = parts[: len(parts) - (node.level - 1)]
        return ".".join([*kept, *([node.module] if node.module else [])])

    def meaning(self, module: Module, name: str, depth: int = 0) -> Binding | None:
        """What a name of the module stands for; None if it has none. Several bindings must not differ."""
        bindings = [self.settled(binding, depth) for binding in module.names.get(name, [])]
        odd = [binding for binding in bindings if not isinstance(binding, Value)]
        if odd and len({type(one).__name__ + repr(vars(one)) for one in bindings}) > 1:
            return Forbidden(f"{name}, which has several meanings")
        if len({binding.origin for binding in bindings if isinstance(binding, Value)}) > 1:
            return Value()
        return bindings[0] if bindings else None

    def settled(self, binding: Binding, depth: int) -> Binding:
        if not isinstance(binding, Borrowed):
            return binding
        self.use(binding.name)
        source = self.load(binding.module)
        found = None
        if source is not None and depth < 20:
            found = self.meaning(source, binding.name, depth + 1)
        if found is None and self.has(f"{binding.module}.{binding.name}"):
            return Own(f"{binding.module}.{binding.name}")
        return found or Forbidden(f"{binding.module}.{binding.name}")


def attributes_of(node: ast.ClassDef) -> set[str]:
    """Names of what a class of the project's has, its own and not Python's."""
    found = {one.name for one in node.body if isinstance(one, Function)}
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store):
            found.add(one.attr)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            found.add(one.id)
    return {name for name in found if not name.startswith("__")}
