"""Gives models the columns of what they read, where SQLMesh's categories of a change depend on them.

A whole load gives every model its parents' columns, and optimises every query for that: nearly all the
time that SQLMesh takes to load. A category asks for the optimised query of a model only if the model's
definition or the columns it reads differ between the commits. For the others it makes no difference
whether they have columns, as long as both commits' have none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import internals
from ..describe.declared_columns import Evident, differs_in_rows
from ..describe.time_partitions import cheap_partitions, waits_for_columns
from .inferred_columns import ColumnsOfParents
from .model_source import Contents, Models, ModelSource, give_parents
from .plain import without_lost

# Of a model as it is on both commits, and of what gives one of them the columns that have one of these names.
Part = Callable[[Any, Any, Callable[[Any, set[str]], None]], bool]


class Later:
    """Models that get their parents' columns only if somebody wants to know whether their change breaks
    anything. Nothing else depends on it: what they read has the columns that it had, and so have they."""

    def __init__(
        self, models: set[str], moved: set[str], columns: ColumnsOfParents, part: Part
    ) -> None:
        """`moved`: those whose data hash differs. `part`: whether a part of both queries tells that they differ."""
        self.models = models
        self.moved = moved
        self.columns = columns
        self.part = part
        # What is known of changes of others (`Derived.change`).
        self.changes = columns.changes

    def prepare(self, chosen: set[str]) -> None:
        """For all that are asked about at once, before `give` and `differ` for one of them."""
        self.columns.prepare(chosen)

    def give(self, old: Any, new: Any) -> None:
        """Gives one model, as it is on both commits, the columns of its parents."""
        for own, model in ((self.columns.base, old), (self.columns.head, new)):
            model.update_schema(self.columns.schema_for(model, own))

    def differ(self, old: Any, new: Any) -> bool:
        """Whether the change of one model is known to be one without `give`."""
        owners = {id(old): self.columns.base, id(new): self.columns.head}

        def give(model: Any, names: set[str]) -> None:
            own = owners[id(model)]
            model.update_schema(self.columns.schema_for(model, own, names=names))

        return self.part(old, new, give)

    def give_all(self) -> None:
        """For whoever wants to know it of all."""
        self.prepare(self.models)
        for fqn in self.models | self.changes.keys():
            self.give(self.columns.base[fqn], self.columns.head[fqn])


def give_columns(
    before: Contents, after: Contents, source: ModelSource, part: Part
) -> tuple[Models, Models, Later]:
    """Models that are equal are one, until their columns may differ. Others of `source` are equal too."""
    base, head = models_of(before, after, source)
    evident = source.evident
    for own in (base, head):
        evident.spare_rendering(own)
    changed, below, later = in_question(base, head, evident)
    columns = ColumnsOfParents(base, head, source.find, evident, below | changed - later)
    # A model whose columns have no names makes SQLMesh careful with all that it depends on.
    unnamed = {
        fqn
        for fqn, model in head.items()
        if fqn not in columns.moving and evident.named(model) is None
    }
    moved = {fqn for fqn in later if base[fqn].data_hash != head[fqn].data_hash}
    for fqn in moved:
        # So does the text that it holds, which nobody needs to know better.
        internals.metadata_hash.set(base[fqn], "base")
        internals.metadata_hash.set(head[fqn], "head")
    columns.give_to_moving()
    columns.name({fqn for fqn in unnamed if head[fqn].columns_to_types is None})
    return base, head, Later(later, moved, columns, part)


def models_of(before: Contents, after: Contents, source: ModelSource) -> tuple[Models, Models]:
    known, wanted = (
        {fqn: source.model(content) for fqn, content in own.items()} for own in (before, after)
    )
    # The hash that is known of them here is not the one that SQLMesh compares.
    waiting = {
        fqn
        for own in (known, wanted)
        for fqn, model in own.items()
        if model is not None and waits_for_columns(model)
    }
    base, head = without_lost(known, wanted, waiting)
    give_parents(base, {**source.parents, **source.before})
    give_parents(head, source.parents)
    for fqn in base.keys() & head.keys():
        if base[fqn] is head[fqn]:
            # Equal models have equal hashes: what they are takes rendering and matters to no category.
            internals.data_hash.set(head[fqn], fqn)
            internals.metadata_hash.set(head[fqn], fqn)
    return base, head


def in_question(
    base: Models, head: Models, evident: Evident
) -> tuple[set[str], set[str], set[str]]:
    """The models that differ, those that may read other columns than before, and those that differ but neither
    read nor have others."""
    changed = {fqn for fqn in base.keys() | head.keys() if differs(base.get(fqn), head.get(fqn))}
    children: dict[str, set[str]] = {}
    for fqn, model in [*base.items(), *head.items()]:
        for parent in model.depends_on:
            children.setdefault(parent, set()).add(fqn)
    below: set[str] = set()
    later: set[str] = set()
    open_ones = list(changed)
    while open_ones:
        fqn = open_ones.pop()
        pair = (base.get(fqn), head.get(fqn))
        if evident.is_same(*pair) or (fqn not in below and differs_in_rows(*pair)):
            later.add(fqn)
            continue
        for child in children.get(fqn, set()) - below:
            below.add(child)
            open_ones.append(child)
    return changed, below, (later & changed) - below


def differs(old: Any, new: Any) -> bool:
    if old is None or new is None:
        return True
    if old is new:
        return False
    with cheap_partitions(old), cheap_partitions(new):
        if old.data_hash != new.data_hash or old.depends_on != new.depends_on:
            return True
    hashes = (old.metadata_hash, new.metadata_hash)
    for model in (old, new):
        # Columns are part of it, so a later look must not find it remembered.
        internals.metadata_hash.set(model, None)
    return hashes[0] != hashes[1]
