"""Columns that only SQLMesh's optimiser tells, asked from the top of the lineage down."""

from __future__ import annotations

import pickle
from collections import ChainMap
from collections.abc import Callable
from typing import Any

from .. import internals
from ..describe.declared_columns import Evident
from ..load.workers import in_workers
from .model_source import Models

Find = Callable[[set[str]], Models]

# Starting workers costs as much as optimising this many queries.
FEW = 8


class Derived:
    """What SQLMesh's optimiser tells of a model on each commit that has it."""

    def __init__(self, models: list[Any]) -> None:
        self.columns = [model and model.columns_to_types for model in models]
        self.hashes = [model and (model.data_hash, model.metadata_hash) for model in models]
        # What SQLMesh says of the change: whether it is none of data, and if it is one, whether it breaks what
        # reads the model. None for models that are not on two commits, or not of SQL.
        self.change: tuple[bool, bool | None] | None = None
        if len(models) == 2 and all(model and model.source_type == "sql" for model in models):
            old, new = models
            none = is_metadata_only(new, old)
            same = none or self.hashes[0] == self.hashes[1]
            self.change = (none, None if same else new.is_breaking_change(old))


def is_metadata_only(new: Any, old: Any) -> bool:
    """What SQLMesh itself says, now that both have columns; before it knew of that, no change of data was."""
    if not internals.is_metadata_only_change.exists:
        return False
    method = internals.is_metadata_only_change.get(type(new))
    # It remembers what it said without columns.
    internals.metadata_only_cache.get(new, {}).clear()
    return getattr(method, "original", method)(new, old)


class ColumnsOfParents:
    """Columns that only SQLMesh's optimiser tells. It is asked from the top of the lineage down, of no more
    models than are needed to tell those of the models in question."""

    def __init__(
        self, base: Models, head: Models, find: Find, evident: Evident, moving: set[str]
    ) -> None:
        """`moving`: the models whose columns, or what they read, may not be the same on both commits."""
        self.base, self.head = base, head
        self.shared: Models = {}
        self.find = find
        self.evident = evident
        self.moving = moving
        # Of the others, as far as they were needed; they are the same on both commits.
        self.settled: dict[str, Any] = {}
        self.changes: dict[str, tuple[bool, bool | None]] = {}

    def give_to_moving(self) -> None:
        """Gives the moving models the columns of what they read, on both commits."""
        self.settle(self.opaque_above(self.moving) - self.moving)
        for fqn in self.moving & self.base.keys() & self.head.keys():
            if self.base[fqn] is self.head[fqn]:
                # What it reads may have other columns.
                self.base[fqn] = copied(self.base[fqn])
        sides = (self.base, self.head)
        for fqn, derived in self.derived(self.moving, sides).items():
            for own, columns, hashes in zip(sides, derived.columns, derived.hashes):
                if fqn not in own:
                    continue
                if derived.change is None:
                    own[fqn].update_schema(self.schema_for(own[fqn], own))
                internals.columns.set(own[fqn], columns)
                internals.data_hash.set(own[fqn], hashes[0])
                internals.metadata_hash.set(own[fqn], hashes[1])
            if derived.change is not None:
                self.changes[fqn] = derived.change

    def settle(self, chosen: set[str]) -> None:
        """Finds out the columns of these models, which are not moving; those from which they get them are among
        them, or settled."""
        made = self.derived(chosen - self.settled.keys(), (self.head,))
        self.settled.update({fqn: derived.columns[0] for fqn, derived in made.items()})

    def name(self, chosen: set[str]) -> None:
        """Lets SQLMesh know the columns of these models, which are not moving, if they have names."""
        self.settle(chosen | self.opaque_above(chosen))
        for own in (self.base, self.head):
            for fqn in chosen & own.keys():
                internals.columns.set(own[fqn], self.settled[fqn])

    def derived(self, chosen: set[str], sides: tuple[Models, ...]) -> dict[str, Derived]:
        """By fqn, of models of one or both commits. All that they get columns from is among them, or known."""
        found: dict[str, Derived] = {}

        def derive(fqn: str) -> Derived:
            models = [copied(ChainMap(own, self.shared).get(fqn)) for own in sides]
            for position, model in enumerate(models):
                if model is not None:
                    internals.data_hash.set(model, None)
                    internals.metadata_hash.set(model, None)
                    typed = {
                        parent: found[parent].columns[position]
                        for parent in model.depends_on & found.keys()
                    }
                    model.update_schema(self.schema_for(model, sides[position], typed))
            return Derived(models)

        known = [ChainMap(own, self.shared) for own in sides]
        open_ones = {
            fqn: chosen & set().union(*(own[fqn].depends_on for own in known if fqn in own))
            for fqn in chosen
            if any(fqn in own for own in known)
        }
        while open_ones:
            ready = [fqn for fqn, parents in open_ones.items() if not parents & open_ones.keys()]
            # Where models depend on one another nobody knows their columns.
            ready = sorted(ready or open_ones)
            found.update(zip(ready, in_workers(derive, ready, FEW)))
            open_ones = {fqn: open_ones[fqn] for fqn in open_ones if fqn not in found}
        return found

    def schema_for(
        self,
        model: Any,
        own: Models,
        typed: Models | None = None,
        names: set[str] | None = None,
    ) -> Any:
        """What `update_model_schemas` would let the model know of its parents. `typed`: columns of some.
        `names`: only of columns that have one of these, but of at least one of each parent."""
        from sqlglot.schema import MappingSchema

        known = ChainMap(own, self.shared)
        schema = MappingSchema(normalize=False)
        for parent in model.depends_on & known.keys():
            columns = self.evident.of(known[parent])
            if columns is None:
                found = next((one for one in (typed or {}, self.settled) if parent in one), None)
                columns = known[parent].columns_to_types if found is None else found[parent]
            if names is not None and columns:
                chosen = [name for name in columns if name.casefold() in names]
                columns = {name: columns[name] for name in chosen or [next(iter(columns))]}
            schema.add_table(parent, columns, dialect=model.dialect)
        return schema

    def prepare(self, chosen: set[str]) -> None:
        """For models whose own columns are the same on both commits: for `schema_for`."""
        self.settle(self.opaque_above(chosen) - self.moving)

    def opaque_above(self, wanted: set[str]) -> set[str]:
        """The models from which the wanted ones get their columns on either commit, as far as only optimising
        tells them. `shared` gets what is found on the way."""
        return set().union(*(self.opaque_in(wanted, own) for own in (self.base, self.head)))

    def opaque_in(self, wanted: set[str], own: Models) -> set[str]:
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


def copied(model: Any) -> Any:
    """Without what it remembers of its queries."""
    return pickle.loads(pickle.dumps(model))
