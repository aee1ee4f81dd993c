"""Gives models the columns of what they read, where SQLMesh's categories of a change depend on them.

A whole load gives every model its parents' columns, and optimises every query for that: nearly all the
time that SQLMesh takes to load. A category asks for the optimised query of a model only if the model's
definition or the columns it reads differ between the commits. For the others it makes no difference
whether they have columns, as long as both commits' have none.
"""

from __future__ import annotations

import pickle
from collections import ChainMap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from probe_evident import Evident
from probe_load import cheap_partitions

Models = dict[str, Any]
Find = Callable[[set[str]], Models]


class Later:
    """Models that get their parents' columns only if somebody wants to know whether their change breaks
    anything. Nothing else depends on it: what they read has the columns that it had, and so have they."""

    def __init__(
        self,
        models: set[str],
        moved: set[str],
        prepare: Callable[[set[str]], None],
        give: Callable[[Any, Any], None],
    ) -> None:
        """`moved`: those whose data hash differs. `prepare`: for all that are asked about at once, before
        `give` for one of them as it is on both commits."""
        self.models = models
        self.moved = moved
        self.prepare = prepare
        self.give = give


def give_columns(base: Models, head: Models, find: Find, evident: Evident, cache: Path) -> Later:
    """`base` and `head`: the models in question of each commit, one for both where they are equal, until
    their columns may differ. `find`: others by fqn, as far as they are there; they are equal too."""
    for own in (base, head):
        evident.spare_rendering(own)
    changed, below = in_question(base, head, evident)
    wanted = changed | below
    # A model whose columns have no names makes SQLMesh careful with all that it depends on.
    wanted |= {
        fqn
        for fqn, model in head.items()
        if fqn not in wanted and evident.of(model) is None and model.columns_to_types is None
    }
    columns = ColumnsOfParents(base, head, find, evident, cache)
    later = {fqn for fqn in changed - below if evident.is_as_before(base.get(fqn), head.get(fqn))}
    moved = {fqn for fqn in later if base[fqn].data_hash != head[fqn].data_hash}
    for fqn in moved:
        # So does the text that it holds, which nobody needs to know better.
        base[fqn]._metadata_hash, head[fqn]._metadata_hash = "base", "head"
    columns.give_to(wanted - later)
    return Later(later, moved, columns.prepare, columns.give)


class ColumnsOfParents:
    def __init__(
        self, base: Models, head: Models, find: Find, evident: Evident, cache: Path
    ) -> None:
        self.base, self.head = base, head
        self.shared: Models = {}
        self.find = find
        self.evident = evident
        self.cache = cache
        self.typed: set[str] = set()

    def give_to(self, chosen: set[str]) -> None:
        """Gives columns to these models, and to those from which they get them."""
        wanted, size = set(chosen), -1
        # A model with columns on one commit only would look changed.
        while size != len(wanted):
            size = len(wanted)
            for own in (self.base, self.head):
                wanted |= self.opaque_above(wanted, own)
        wanted -= self.typed
        self.typed |= wanted
        for fqn in wanted & self.base.keys() & self.head.keys():
            if self.base[fqn] is self.head[fqn]:
                # What it reads may have other columns.
                self.base[fqn] = pickle.loads(pickle.dumps(self.base[fqn]))
        for own in (self.base, self.head):
            type_models(wanted, {**self.shared, **own}, self.evident, self.cache)

    def prepare(self, chosen: set[str]) -> None:
        """For models whose own columns are evident: for `give`."""
        above = [self.opaque_above(chosen, own) for own in (self.base, self.head)]
        self.give_to(set().union(*above))

    def give(self, old: Any, new: Any) -> None:
        """Gives one model of both commits the columns of its parents, as `update_model_schemas` would."""
        from sqlglot.schema import MappingSchema

        for own, model in ((self.base, old), (self.head, new)):
            known = ChainMap(own, self.shared)
            schema = MappingSchema(normalize=False)
            for parent in model.depends_on & known.keys():
                columns = self.evident.of(known[parent])
                if columns is None:
                    columns = known[parent].columns_to_types
                schema.add_table(parent, columns, dialect=model.dialect)
            model.update_schema(schema)

    def opaque_above(self, wanted: set[str], own: Models) -> set[str]:
        """The models from which the wanted ones get their columns, as far as only optimising tells them.
        `shared` gets what is found on the way."""
        known = ChainMap(own, self.shared)
        found: set[str] = set()
        layer = set(wanted)
        while layer:
            parents = set().union(*(known[fqn].depends_on for fqn in layer if fqn in known))
            missing = parents - self.base.keys() - self.head.keys() - self.shared.keys()
            self.shared.update(self.find(missing))
            layer = {
                fqn
                for fqn in parents - found - wanted
                if fqn in known and self.evident.of(known[fqn]) is None
            }
            found |= layer
        return found


def in_question(base: Models, head: Models, evident: Evident) -> tuple[set[str], set[str]]:
    """The models that differ, and those that may read other columns than before."""
    changed = {fqn for fqn in base.keys() | head.keys() if differs(base.get(fqn), head.get(fqn))}
    children: dict[str, set[str]] = {}
    for fqn, model in [*base.items(), *head.items()]:
        for parent in model.depends_on:
            children.setdefault(parent, set()).add(fqn)
    below: set[str] = set()
    open_ones = list(changed)
    while open_ones:
        fqn = open_ones.pop()
        if evident.is_as_before(base.get(fqn), head.get(fqn)):
            continue
        for child in children.get(fqn, set()) - below:
            below.add(child)
            open_ones.append(child)
    return changed, below


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


def type_models(wanted: set[str], models: Models, evident: Evident, cache: Path) -> None:
    """Gives the wanted models the columns of their parents, with SQLMesh's own optimiser. A parent that
    is not wanted has evident columns, or none that anybody knows."""
    from sqlmesh.core.model.schema import update_model_schemas
    from sqlmesh.utils import UniqueKeyDict
    from sqlmesh.utils.dag import DAG

    chosen: Any = UniqueKeyDict("models")
    dag: Any = DAG()
    for fqn in sorted(wanted & models.keys()):
        model = chosen[fqn] = models[fqn]
        model._columns_to_types = None
        dag.add(fqn, model.depends_on)
    for parent in sorted({p for m in chosen.values() for p in m.depends_on & models.keys()}):
        if parent not in chosen:
            chosen[parent] = evident.stand_in(models[parent])
            dag.add(parent, set())
    if chosen:
        update_model_schemas(dag, chosen, cache)
