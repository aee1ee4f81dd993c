"""What is known of changes whose category is looked at only where that makes a difference.

SQLMesh compares two optimised queries to tell whether a change is one of data, and whether it breaks what depends on
it. Until that is known a change counts as one; where it turns out to be none, all is categorised once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from .. import internals
from ..load.workers import in_workers
from .columns import Later
from .inferred_columns import is_metadata_only

# What SQLMesh makes of a change that gives the same optimised query, as a name of a category.
NO_CHANGE = "NO_CHANGE"


class AskAgain(Exception):
    """It has become known that a model's change is none, after others were categorised as if it were one."""


class Verdicts:
    """What is known of the changes that are looked at only where that makes a difference."""

    def __init__(self, later: Later) -> None:
        self.later = later
        # By fqn: the name of the category, or NO_CHANGE; None where SQLMesh leaves it to a person.
        self.found: dict[str, str | None] = {}
        # Models whose own category stays open.
        self.spared: set[str] = set()

    def category(self, fqn: str) -> Any:
        from sqlmesh.core.snapshot import SnapshotChangeCategory

        name = self.found[fqn]
        return None if name is None else SnapshotChangeCategory[name]

    def find(self, pairs: dict[str, tuple[Any, Any]], categorise: Callable[..., Any]) -> None:
        """`pairs`: new and old snapshots. `categorise`: SQLMesh's own function of both."""
        self.later.prepare(set(pairs))

        def find_one(fqn: str) -> str | None:
            new, old = pairs[fqn]
            if self.later.differ(old.model, new.model):
                # Not in projections that were added, so that nobody knows that it breaks nothing.
                self.later.changes[fqn] = (False, None)
                return name_of(categorise(new, old))
            self.later.give(old.model, new.model)
            if is_metadata_only(new.model, old.model):
                return NO_CHANGE
            return name_of(categorise(new, old))

        self.found.update(zip(pairs, in_workers(find_one, pairs)))
        if any(self.found[fqn] == NO_CHANGE for fqn in pairs):
            raise AskAgain


def name_of(category: Any) -> str | None:
    return None if category is None else category.name


@contextmanager
def as_known(verdicts: Verdicts) -> Iterator[None]:
    """A change of data counts as one until it is known that it is none; what is known is not found out again."""
    changes = verdicts.later.changes
    breaking = internals.is_breaking_change.value
    tells = internals.is_metadata_only_change.exists
    metadata_only = internals.is_metadata_only_change.value if tells else None

    def is_breaking_change(self: Any, previous: Any) -> Any:
        return changes[self.fqn][1] if self.fqn in changes else breaking(self, previous)

    def is_metadata_only_change(self: Any, previous: Any) -> bool:
        if self.fqn in verdicts.found:
            return verdicts.found[self.fqn] == NO_CHANGE
        if self.fqn in changes:
            return changes[self.fqn][0]
        return self.fqn not in verdicts.later.moved and metadata_only(self, previous)

    with ExitStack() as stack:
        stack.enter_context(internals.is_breaking_change.replaced(is_breaking_change))
        if tells:
            is_metadata_only_change.original = metadata_only
            own = internals.is_metadata_only_change.replaced(is_metadata_only_change)
            stack.enter_context(own)
        yield
