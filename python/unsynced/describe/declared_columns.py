"""What is known of a model's columns without its optimised query: their names, where each is named; their types
too, where they are declared or cast; and whether a change of the query can have moved either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import internals
from .parents import looks_around

# By name, in order. The type is None where it depends on what the model reads.
Columns = dict[str, Any]
# Clauses of a SELECT that say which rows there are, and nothing of their columns.
ROWS = ("where", "having", "qualify", "order", "limit", "offset")


class Evident:
    """What is evident of models, looked at once."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, Columns | None]] = {}

    def know(self, model: Any, columns: Columns | None) -> None:
        # The model is kept, so that its id stays its own.
        self.known[id(model)] = (model, columns)

    def named(self, model: Any) -> Columns | None:
        """None where only the optimised query tells the names."""
        if model is None:
            return None
        if id(model) not in self.known:
            self.know(model, evident_columns(model))
        return self.known[id(model)][1]

    def of(self, model: Any) -> Columns | None:
        """None where only the optimised query tells the types."""
        columns = self.named(model)
        return None if columns is None or None in columns.values() else columns

    def is_same(self, old: Any, new: Any) -> bool:
        """Whether both have the same columns, whatever they read."""
        columns, others = self.of(old), self.of(new)
        # Their order counts: it is that of whatever selects all of them.
        return None not in (columns, others) and [*columns.items()] == [*others.items()]

    def spare_rendering(self, models: dict[str, Any]) -> None:
        """Lets SQLMesh know what it would render each of the models for. It asks whether there are names."""
        from sqlglot import exp

        for model in models.values():
            if model.source_type == "sql":
                columns = self.named(model)
                if columns is not None:
                    unknown = exp.DataType.build("unknown")
                    columns = {name: to or unknown for name, to in columns.items()}
                internals.columns.set(model, columns)


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
        name, to, fixed = projection.args.get("alias"), None, projection
        if type(projection) is exp.Column:
            name = projection.this
        elif type(projection) is not exp.Alias:
            return None
        elif type(projection.this) is exp.Cast:
            to = fixed = projection.this.args["to"]
        # A macro may make several projections of one, or another type of a cast.
        if type(name) is not exp.Identifier or fixed.find(dialect.MacroFunc, dialect.MacroVar):
            return None
        column = normalize_identifiers(name.copy(), dialect=model.dialect).name
        if "@" in column or column in columns:
            return None
        columns[column] = None if to is None else to.copy()
    return {**columns, **model.managed_columns}


def differs_in_rows(old: Any, new: Any) -> bool:
    """Whether two queries differ in nothing but which rows they give, so that their columns are the same as long
    as those are that they read.

    SQLMesh's optimiser has to find the same columns for both: otherwise it may give up one of them."""
    from sqlglot import exp

    if old is None or new is None or surroundings_of(old) != surroundings_of(new):
        return False
    if any(type(one.query) is not exp.Select or looks_around(one) for one in (old, new)):
        return False
    first, second = old.query.copy(), new.query.copy()
    rows = [[*rows_of(query)] for query in (first, second)]
    return rows[0] == rows[1] and first == second


def surroundings_of(model: Any) -> Any:
    """All that a query is rendered with. Equal to no other if this SQLMesh does not tell."""
    if model.source_type != "sql" or not internals.data_hash_values_no_sql.exists:
        return object()
    statements = internals.data_hash_values_sql.get(model)[:-1]
    texts = [*internals.data_hash_values_no_sql.get(model), *statements]
    return (texts, model.dialect, model.default_catalog, model.python_env, model.depends_on)


def rows_of(query: Any) -> Iterator[Any]:
    """Takes such clauses from all SELECTs. Gives where which has to look something up, or may come to: columns that
    are not selected anyway, macros, and whole clauses with a query of their own."""
    from sqlglot import exp
    from sqlmesh.core import dialect

    for position, select in enumerate(list(query.find_all(exp.Select))):
        selected = {sql for one in select.expressions for sql in looked_up(one, exp.Column)}
        for name in ROWS:
            clause = select.args.get(name)
            if clause is None:
                continue
            select.set(name, None)
            # A number in ORDER BY is looked up as well: it stands for a column.
            numbers = (exp.Literal,) if name == "order" else ()
            sought = looked_up(clause, exp.Column, dialect.MacroVar, dialect.MacroFunc, *numbers)
            whole = clause if clause.find(exp.Query) else None
            if whole is not None or not sought <= selected:
                yield position, name, whole, sought - selected


def looked_up(part: Any, *kinds: type) -> set[str]:
    """Texts of such parts of it; none where a query of its own holds others."""
    from sqlglot import exp

    return set() if part.find(exp.Query) else {found.sql() for found in part.find_all(*kinds)}
