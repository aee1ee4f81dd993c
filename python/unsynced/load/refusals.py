"""What SQLMesh's own `Context` refuses of a project whose models its loaders give.

After its loaders `Context.load` makes linters of the rules, sorts the DAG, gives each model the columns of what it
reads, and validates it (`_update_model_schemas_and_validate`). SQLMesh's own functions do so here too, in that order:
what concerns one file or model where that is loaded, and what concerns all in load/validate_together.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from .. import internals
from ..protocol import Refused, explain

# In a description, until a load is complete: what `validate_one_model.examined` gave.
EXAMINED = "examined"


class Undecided(Exception):
    """Only SQLMesh's own whole load tells."""


def no_rules() -> Any:
    from sqlmesh.core.linter.definition import RuleSet

    return RuleSet()


# What a loader does that says nothing about models, and what it gives where that is not wanted, or fails.
BESIDES: dict[internals.Internal, Callable[[], Any]] = {
    internals.load_metrics: dict,
    internals.load_requirements: lambda: ({}, set()),
    internals.load_environment_statements: list,
    internals.load_linting_rules: no_rules,
    internals.load_model_tests: list,
}


def every_test(_: str) -> bool:
    return True


class Refusals:
    """What `Context` refuses of one commit. Only the first counts: that is what SQLMesh raises."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.first: dict[str, Any] | None = None
        self.audits: set[str] = set()

    def note(self, error: Exception) -> None:
        self.take(explain(error, {"tree": str(self.tree)}))

    def take(self, explained: dict[str, Any] | None) -> None:
        if self.first is None and explained is not None:
            self.first = {name: explained[name] for name in ("message", "file", "hint")}

    def attempt(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except (Refused, Undecided):
            raise
        except Exception as error:  # noqa: BLE001 - also the project's own code runs there
            self.note(error)
            return None

    def watch(self, loader: Any, reads: Callable[[str], bool]) -> None:
        """Before the loader loads. `reads`: whether it reads the unit tests at a path."""
        for method, nothing in BESIDES.items():
            original = method.get(type(loader), None)
            if original is not None:
                method.set(loader, self.watched(partial(original, loader), nothing))
        read = internals.load_model_test_file.get(loader, None)
        if read is not None:
            internals.load_model_test_file.set(
                loader, lambda path: read(path) if reads(str(path)) else {}
            )

    def watched(self, work: Callable[..., Any], nothing: Callable[[], Any]) -> Callable[..., Any]:
        def watching(*args: Any, **kwargs: Any) -> Any:
            found = self.attempt(lambda: work(*args, **kwargs))
            return nothing() if found is None else found

        return watching

    def ask_stock(self, context: Any) -> None:
        """Lets SQLMesh load all by itself, for nothing but what it refuses."""
        for loader in internals.loaders.get(context):
            self.watch(loader, every_test)
        with self.of_validation():
            self.attempt(context.load)

    @contextmanager
    def of_validation(self) -> Iterator[None]:
        """While SQLMesh loads by itself: what is only validated does not end the load."""
        from sqlmesh.core.model import definition

        kinds = [one for one in vars(definition).values() if is_model_class(one)]
        replaced = [(internals.validate_definition, kind) for kind in kinds]
        replaced.append((internals.from_rules, internals.from_rules.owner))
        with ExitStack() as stack:
            for method, owner in replaced:
                if method.name in vars(owner):
                    watched = self.watched(method.get(owner), lambda: None)
                    stack.enter_context(method.replaced(watched, on=owner))
            yield

    def take_project(self, loader: Any, project: Any) -> None:
        """What `Context.load` makes of what a loader gave."""
        from sqlmesh.core.linter import rules
        from sqlmesh.core.linter.definition import Linter

        own = rules.BUILTIN_RULES.union(project.user_rules)
        self.attempt(lambda: Linter.from_rules(own, loader.config.linter))
        self.audits |= project.standalone_audits.keys()


def is_model_class(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, internals.model_class.value)
