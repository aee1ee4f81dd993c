"""Gives models the columns of what they read, where SQLMesh's categories of a change depend on them.

A whole load gives every model its parents' columns, and optimises every query for that: nearly all the
time that SQLMesh takes to load. A category asks for the optimised query of a model only if the model's
definition or the columns it reads differ between the commits. For the others it makes no difference
whether they have columns, as long as both commits' have none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..describe.declared_columns import Evident, differs_in_rows
from ..describe.time_partitions import cheap_partitions
from .inferred_columns import ColumnsOfParents, Find, Models


class Later:
    """Models that get their parents' columns only if somebody wants to know whether their change breaks
    anything. Nothing else depends on it: what they read has the columns that it had, and so have they."""

    def __init__(
        self,
        models: set[str],
        moved: set[str],
        changes: dict[str, tuple[bool, bool | None]],
        prepare: Callable[[set[str]], None],
        give: Callable[[Any, Any], None],
        differ: Callable[[Any, Any], bool],
    ) -> None:
        """`moved`: those whose data hash differs. `changes`: what is known of others (`Derived.change`).
        `prepare`: for all that are asked about at once, before `give` and `differ` for one of them
        as it is on both commits. `differ`: whether the change is known to be one without `give`."""
        self.models = models
        self.moved = moved
        self.changes = changes
        self.prepare = prepare
        self.give = give
        self.differ = differ


def give_columns(base: Models, head: Models, find: Find, evident: Evident) -> Later:
    """`base` and `head`: the models in question of each commit, one for both where they are equal, until
    their columns may differ. `find`: others by fqn, as far as they are there; they are equal too."""
    for own in (base, head):
        evident.spare_rendering(own)
    changed, below, later = in_question(base, head, evident)
    columns = ColumnsOfParents(base, head, find, evident, below | changed - later)
    # A model whose columns have no names makes SQLMesh careful with all that it depends on.
    unnamed = {
        fqn
        for fqn, model in head.items()
        if fqn not in columns.moving and evident.named(model) is None
    }
    moved = {fqn for fqn in later if base[fqn].data_hash != head[fqn].data_hash}
    for fqn in moved:
        # So does the text that it holds, which nobody needs to know better.
        base[fqn]._metadata_hash, head[fqn]._metadata_hash = "base", "head"
    columns.give_to_moving()
    columns.name({fqn for fqn in unnamed if head[fqn].columns_to_types is None})
    return Later(later, moved, columns.changes, columns.prepare, columns.give, columns.differ)


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
        model._metadata_hash = None
    return hashes[0] != hashes[1]
