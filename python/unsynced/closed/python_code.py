"""Whether the Python that runs while a project loads can read a file: decided on its syntax tree, without
running any of it.

What runs is the module level of what SQLMesh imports and of what that imports, and every function that code which
runs names, decorates or has as a method. Of that code every name and attribute must be known to be harmless
(closed/allowed_names.py); whatever is not understood is not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .allowed_names import ALL_BUILTINS, ATTRIBUTES, BUILTINS, IMPORTABLE, TYPES_ONLY, gives
from .macro_calls import may_make
from .modules import (
    Binding,
    Borrowed,
    Forbidden,
    Foreign,
    Function,
    Module,
    NotClosed,
    Own,
    Project,
    Value,
)

# Everything else is not understood: `with`, `match`, `async`, star imports, …
UNDERSTOOD = (
    *(
        ast.Module,
        ast.Expr,
        ast.Assign,
        ast.AugAssign,
        ast.AnnAssign,
        ast.Return,
        ast.Pass,
        ast.If,
        ast.For,
    ),
    *(
        ast.While,
        ast.Break,
        ast.Continue,
        ast.Raise,
        ast.Try,
        ast.ExceptHandler,
        ast.Assert,
        ast.Delete,
    ),
    *(
        ast.FunctionDef,
        ast.ClassDef,
        ast.Import,
        ast.ImportFrom,
        ast.alias,
        ast.Global,
        ast.Nonlocal,
    ),
    *(
        ast.BoolOp,
        ast.NamedExpr,
        ast.BinOp,
        ast.UnaryOp,
        ast.Lambda,
        ast.IfExp,
        ast.Dict,
        ast.Set,
        ast.List,
    ),
    *(
        ast.Tuple,
        ast.ListComp,
        ast.SetComp,
        ast.DictComp,
        ast.GeneratorExp,
        ast.comprehension,
        ast.Yield,
    ),
    *(
        ast.YieldFrom,
        ast.Compare,
        ast.Call,
        ast.keyword,
        ast.FormattedValue,
        ast.JoinedStr,
        ast.Constant,
    ),
    *(ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.Name, ast.arguments, ast.arg),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context),
)
TYPES = (ast.Subscript, ast.Tuple, ast.List, ast.Constant, ast.BinOp, ast.BitOr, ast.Load)
# SQLMesh evaluates what these are called with, also in functions that it does not call (`parse_dependencies`).
EVALUATED = {"table", "resolve_table", "var", "blueprint_var"}


def check_python(project: Project, roots: Iterable[str]) -> None:
    """Raises NotClosed if what runs may read a file. `roots`: paths of what SQLMesh imports."""
    for path in roots:
        module = project.load(path[len(project.start) : -len(".py")].replace("/", "."))
        inits = module is not None and path.endswith("/__init__.py")
        if module is None or (module.path != path and not inits):
            raise NotClosed(f"{path} is imported by an odd name")
    while project.waiting:
        module, unit = project.waiting.pop()
        Unit(project, module, unit).check()


class Unit:
    """A piece of code that runs as a whole: a module's own level, or a function."""

    def __init__(self, project: Project, module: Module, node: ast.AST) -> None:
        self.project, self.module, self.node = project, module, node
        self.stack: list[ast.AST] = []
        # What stands in annotations, by its id.
        self.annotations: dict[int, ast.AST] = {}

    def check(self) -> None:
        if id(self.node) in self.project.started:
            return
        self.project.started.add(id(self.node))
        self.stack = [self.node]
        while self.stack:
            self.visit(self.stack.pop())

    def refuse(self, node: ast.AST, what: str) -> NotClosed:
        line = getattr(node, "lineno", "?")
        return NotClosed(f"line {line} of {self.module.path} may read files: {what}")

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, Function) and node is not self.node:
            return self.define(node)
        if not isinstance(node, UNDERSTOOD):
            raise self.refuse(node, type(node).__name__)
        visit = getattr(self, f"visit_{type(node).__name__.lower()}", None)
        if visit is None or visit(node):
            self.stack += ast.iter_child_nodes(node)

    # Each says whether the node's parts have to be looked at besides.

    def visit_name(self, node: ast.Name) -> bool:
        if isinstance(node.ctx, ast.Load):
            binding = self.bound(node)
            if isinstance(binding, (Foreign, Own)):
                raise self.refuse(node, f"{node.id} is a module")
            self.refuse_type(node, binding)
        return False

    def bound(self, node: ast.Name) -> Binding:
        """What a name that is used stands for. Raises NotClosed unless it is a value or a module."""
        name = node.id
        self.project.use(name)
        dangerous = name in ALL_BUILTINS or (name.startswith("__") and name.endswith("__"))
        if name in BUILTINS and name not in self.module.names:
            return Value()
        if dangerous and name not in BUILTINS:
            raise self.refuse(node, name)
        binding = self.project.meaning(self.module, name)
        if binding is None:
            raise self.refuse(node, name)
        if isinstance(binding, Forbidden):
            raise self.refuse(node, binding.what)
        return binding

    def visit_attribute(self, node: ast.Attribute) -> bool:
        self.project.use(node.attr)
        known = self.attribute_of_module(node)
        if known is None:
            receiver = node.value.id if isinstance(node.value, ast.Name) else ""
            own = receiver in ("self", "cls") and node.attr in self.module.own_attributes
            # Members of enumerations, and classes within classes.
            if not (own or node.attr in ATTRIBUTES or node.attr[:1].isupper()):
                raise self.refuse(node, f".{node.attr}")
            if not isinstance(node.ctx, ast.Load) and receiver != "self":
                raise self.refuse(node, f"sets .{node.attr}")
            return True
        if not isinstance(known, Value) or not isinstance(node.ctx, ast.Load):
            raise self.refuse(node, f".{node.attr}")
        self.refuse_type(node, known)
        return False

    def refuse_type(self, node: ast.expr, binding: Binding) -> None:
        if not isinstance(binding, Value) or binding.origin not in TYPES_ONLY:
            return
        if id(node) not in self.annotations:
            raise self.refuse(node, f"{binding.origin} is used as a value")

    def attribute_of_module(self, node: ast.Attribute) -> Binding | None:
        """What the attribute stands for, if it is one of a module."""
        holder: Binding | None = None
        if isinstance(node.value, ast.Name) and isinstance(node.value.ctx, ast.Load):
            holder = self.bound(node.value)
        elif isinstance(node.value, ast.Attribute):
            holder = self.attribute_of_module(node.value)
        if isinstance(holder, Foreign):
            inner = f"{holder.module}.{node.attr}"
            if inner in IMPORTABLE:
                return Foreign(inner)
            return Value(inner) if gives(holder.module, node.attr) else Forbidden(inner)
        if isinstance(holder, Own):
            self.project.use(node.attr)
            return self.project.settled(Borrowed(holder.module, node.attr), 0)
        return None

    def visit_constant(self, node: ast.Constant) -> bool:
        value = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        if isinstance(value, str) and may_make(value):
            raise self.refuse(node, "a text may call a macro")
        return False

    def visit_formattedvalue(self, node: ast.FormattedValue) -> bool:
        """A format may make a letter of a number."""
        parts = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
        for part in parts:
            if not isinstance(part, ast.Constant) or str(part.value).endswith("c"):
                raise self.refuse(node, "a format")
        return True

    def visit_binop(self, node: ast.BinOp) -> bool:
        if isinstance(node.op, ast.Mod) and not is_remainder(node) and not is_text(node.left):
            raise self.refuse(node, "%")
        return True

    def visit_augassign(self, node: ast.AugAssign) -> bool:
        if isinstance(node.op, ast.Mod):
            raise self.refuse(node, "%=")
        return True

    def visit_call(self, node: ast.Call) -> bool:
        """Of bytes only UTF-8 is made text, which makes no letter that was not there."""
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        given = len(node.args) + len(node.keywords)
        if given > {"str": 1, "encode": 0, "decode": 0}.get(str(name), given):
            raise self.refuse(node, f"{name} with an encoding")
        return True

    def visit_import(self, node: ast.Import) -> bool:
        for alias in node.names:
            self.run_import(node, alias.name)
        return False

    def visit_importfrom(self, node: ast.ImportFrom) -> bool:
        source = self.project.source_of(self.module, node)
        if any(alias.name == "*" for alias in node.names):
            raise self.refuse(node, "import *")
        if not node.level and not self.project.has(source.partition(".")[0]):
            self.run_import(node, source)
            return False
        for alias in node.names:
            self.project.load(source)
            if self.project.has(f"{source}.{alias.name}"):
                self.project.load(f"{source}.{alias.name}")
        return False

    def run_import(self, node: ast.AST, dotted: str) -> None:
        if self.project.has(dotted.partition(".")[0]):
            if not self.project.has(dotted):
                raise self.refuse(node, f"import {dotted}")
            self.project.load(dotted)
        elif dotted not in IMPORTABLE:
            raise self.refuse(node, f"import {dotted}")

    def visit_classdef(self, node: ast.ClassDef) -> bool:
        if node.keywords:
            raise self.refuse(node, "a metaclass")
        self.stack += [*node.decorator_list, *node.bases]
        # Its methods run where tables are made, not while the project loads.
        idle = [self.origin(base) for base in node.bases] == ["sqlmesh.CustomMaterialization"]
        for one in node.body:
            if isinstance(one, (ast.Import, ast.ImportFrom)):
                raise self.refuse(one, "an import in a class")
            if isinstance(one, Function) and not idle:
                self.project.waiting.append((self.module, one))
            self.stack.append(one)
        return False

    # --- functions -------------------------------------------------------------------------------

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Defining a function evaluates its decorators, defaults and annotations; it runs if it is used."""
        arguments = node.args
        self.stack += node.decorator_list
        self.stack += [one for one in [*arguments.defaults, *arguments.kw_defaults] if one]
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one]
        annotations = [one.annotation for one in every if one.annotation]
        self.annotate([*annotations, *([node.returns] if node.returns else [])])
        inner = self.node is not self.module.tree
        special = node.name.startswith("__") and node.name.endswith("__")
        if node.name == "__repr__":
            # SQLMesh writes values down as Python text, and runs it (`serialize_env`).
            raise self.refuse(node, node.name)
        runs = any(not self.is_idle(decorator) for decorator in node.decorator_list)
        if inner or special or runs or node.name in self.project.used:
            self.project.waiting.append((self.module, node))
        else:
            self.evaluate_calls(node)

    def visit_functiondef(self, node: ast.FunctionDef) -> bool:
        self.stack += node.body
        return False

    def annotate(self, annotations: list[ast.expr]) -> None:
        """SQLMesh resolves the annotations of macros, and evaluates those that are texts (`get_type_hints`): so they
        are types, and never a variable, which could be a text."""
        for annotation in annotations:
            self.stack.append(annotation)
            for node in ast.walk(annotation):
                self.annotations[id(node)] = node
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    try:
                        self.annotate([ast.parse(node.value, mode="eval").body])
                    except (SyntaxError, ValueError, RecursionError, MemoryError):
                        raise self.refuse(node, "an annotation") from None
                elif isinstance(node, ast.Name):
                    if node.id not in BUILTINS or node.id in self.module.names:
                        self.require_type(node)
                elif isinstance(node, ast.Attribute):
                    if not isinstance(self.attribute_of_module(node), (Foreign, Own)):
                        self.require_type(node)
                elif not isinstance(node, TYPES):
                    raise self.refuse(node, "an annotation")

    def require_type(self, node: ast.expr) -> None:
        binding = None
        if isinstance(node, ast.Name):
            binding = self.project.meaning(self.module, node.id)
        if not isinstance(binding, (Foreign, Own)) and self.origin(node) == "":
            raise self.refuse(node, "an annotation")

    def is_idle(self, decorator: ast.expr) -> bool:
        """Whether it makes a Python model of a function, which SQLMesh does not call while it loads."""
        if not isinstance(decorator, ast.Call):
            return False
        if self.origin(decorator.func) not in ("sqlmesh.model", "sqlmesh.core.model.model"):
            return False
        return all(keyword.arg not in (None, "is_sql") for keyword in decorator.keywords)

    def origin(self, node: ast.expr) -> str:
        """The name that a module of others gives to what is meant."""
        binding: Binding | None = None
        if isinstance(node, ast.Name):
            binding = self.project.meaning(self.module, node.id)
        elif isinstance(node, ast.Attribute):
            binding = self.attribute_of_module(node)
        return binding.origin if isinstance(binding, Value) else ""

    def evaluate_calls(self, function: ast.AST) -> None:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in EVALUATED:
                self.stack += [*node.args, *(one.value for one in node.keywords)]


def is_remainder(node: ast.BinOp) -> bool:
    """Whether the operator is of numbers, or makes no letter of the number."""
    right = node.right.value if isinstance(node.right, ast.Constant) else None
    return isinstance(right, int) and right != ord("@")


def is_text(node: ast.expr) -> bool:
    """Whether it is a text that stands there, whose formats are looked at as they stand."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
