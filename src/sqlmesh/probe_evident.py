"""Columns that a model has whatever it reads: declared ones, or each cast to a type and named."""

from __future__ import annotations

from typing import Any

from probe_parents import looks_around

Columns = dict[str, Any]


class Evident:
    """What is evident of models, looked at once."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, Columns | None]] = {}

    def know(self, model: Any, columns: Columns | None) -> None:
        # The model is kept, so that its id stays its own.
        self.known[id(model)] = (model, columns)

    def of(self, model: Any) -> Columns | None:
        """None where only the optimised query tells."""
        if model is None:
            return None
        if id(model) not in self.known:
            self.know(model, evident_columns(model))
        return self.known[id(model)][1]

    def is_as_before(self, old: Any, new: Any) -> bool:
        columns = self.of(old)
        return columns is not None and columns == self.of(new)

    def spare_rendering(self, models: dict[str, Any]) -> None:
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
