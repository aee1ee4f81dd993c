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

from probe_load import cheap_partitions
from probe_parents import looks_around

Models = dict[str, Any]
Columns = dict[str, Any]
Find = Callable[[set[str]], Models]


class Later:
    """Models that get their parents' columns only if somebody wants to know whether their change breaks
    anything. Nothing else depends on it: what they read has the columns that it had, and so have they."""

    def __init__(self, models: set[str], give: Callable[[set[str]], None]) -> None:
        self.models = models
        self._give = give

    def give(self, chosen: set[str]) -> None:
        self.models -= chosen
        self._give(chosen)


def give_columns(base: Models, head: Models, find: Find, cache: Path) -> Later:
    """`base` and `head`: the models in question of each commit, one for both where they are equal, until
    their columns may differ. `find`: others by fqn, as far as they are there; they are equal too."""
    evident = Evident()
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
    shared: Models = {}

    def find_others(fqns: set[str]) -> Models:
        return find(fqns - base.keys() - head.keys() - shared.keys())

    def give(chosen: set[str]) -> None:
        wanted, size = set(chosen), -1
        # A model with columns on one commit only would look changed.
        while size != len(wanted):
            size = len(wanted)
            for own in (base, head):
                wanted |= opaque_above(wanted, own, shared, find_others, evident)
        for fqn in wanted & base.keys() & head.keys():
            if base[fqn] is head[fqn]:
                # What it reads may have other columns.
                base[fqn] = pickle.loads(pickle.dumps(base[fqn]))
        for own in (base, head):
            type_models(wanted, {**shared, **own}, evident, cache)

    later = {fqn for fqn in changed - below if evident.is_as_before(base.get(fqn), head.get(fqn))}
    give(wanted - later)
    return Later(later, give)


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
    if differ_outside_of_sql(old, new):
        # So do their data hashes, and SQLMesh takes it for more than metadata whatever those are.
        for model, name in ((old, "base"), (new, "head")):
            model._data_hash = model._metadata_hash = name
        return True
    return definition(old) != definition(new)


def differ_outside_of_sql(old: Any, new: Any) -> bool:
    """Whether something else than text of SQL changes the data (`_Model.is_metadata_only_change`). Hashes
    take a rendering; this takes none."""
    with cheap_partitions(old), cheap_partitions(new):
        values = [getattr(model, "_data_hash_values_no_sql", None) for model in (old, new)]
    return None not in values and values[0] != values[1]


def definition(model: Any) -> tuple[Any, ...]:
    """Both hashes while no columns are known, which a later look must not find remembered."""
    hashes = (model.data_hash, model.metadata_hash, model.depends_on)
    model._metadata_hash = None
    return hashes


def opaque_above(
    wanted: set[str], own: Models, shared: Models, find: Find, evident: Evident
) -> set[str]:
    """The models from which the wanted ones get their columns, as far as only optimising tells them.
    `shared` gets what is found on the way."""
    known = ChainMap(own, shared)
    found: set[str] = set()
    layer = set(wanted)
    while layer:
        parents = set().union(*(known[fqn].depends_on for fqn in layer if fqn in known))
        shared.update(find(parents))
        layer = {
            fqn
            for fqn in parents - found - wanted
            if fqn in known and evident.of(known[fqn]) is None
        }
        found |= layer
    return found


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


class Evident:
    """Columns that a model has whatever it reads: declared ones, or each cast to a type and named."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, Columns | None]] = {}

    def of(self, model: Any) -> Columns | None:
        """None where only the optimised query tells."""
        if model is None:
            return None
        if id(model) not in self.known:
            # The model is kept, so that its id stays its own.
            self.known[id(model)] = (model, evident_columns(model))
        return self.known[id(model)][1]

    def is_as_before(self, old: Any, new: Any) -> bool:
        columns = self.of(old)
        return columns is not None and columns == self.of(new)

    def spare_rendering(self, models: Models) -> None:
        """Lets SQLMesh know what it would render each of the models for, as far as it is evident."""
        for model in models.values():
            if model.source_type == "sql":
                model._columns_to_types = self.of(model)

    def stand_in(self, model: Any) -> Any:
        """A model with the same name and columns, which costs SQLMesh nothing."""
        from sqlmesh.core.model import create_external_model

        if model.source_type != "sql":
            return model
        return create_external_model(model.fqn, columns=self.of(model), dialect=model.dialect)


def evident_columns(model: Any) -> Columns | None:
    from sqlglot import exp
    from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
    from sqlmesh.core import dialect

    if model.source_type != "sql" or model.columns_to_types_ is not None:
        return model.columns_to_types
    query = model.query
    if type(query) is not exp.Select or looks_around(model):
        return None
    columns: Columns = {}
    for projection in query.expressions:
        if type(projection) is not exp.Alias or type(projection.this) is not exp.Cast:
            return None
        name, to = projection.args["alias"], projection.this.args["to"]
        if any(part.find(dialect.MacroFunc, dialect.MacroVar) for part in (name, to)):
            return None
        column = normalize_identifiers(name.copy(), dialect=model.dialect).name
        if "@" in column or column in columns:
            return None
        columns[column] = to.copy()
    return {**columns, **model.managed_columns}
