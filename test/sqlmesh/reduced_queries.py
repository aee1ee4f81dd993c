"""Compares queries before and after a change of which rows they give: as SQLMesh does, and by a part of them.

Arguments: JSON of `[[query with a place for a clause, …], [clause, …]]`, folders of sources. Prints JSON: how many
pairs were compared, how many SQLMesh takes for equal, of how many a part tells that they differ, and those pairs
of which a part tells what is not so.
"""

import json
import sys
from itertools import combinations

sys.path[:0] = sys.argv[2:]
from sqlglot import exp
from sqlglot.schema import MappingSchema
from sqlmesh.core.dialect import parse
from sqlmesh.core.model import load_sql_based_model
from unsynced.categorise.reduced_query import differ_in_part

TABLES = {
    '"db"."s"."t"': {"a": "int", "b": "text", "c": "double", "d": "date"},
    '"db"."s"."u"': {"a": "int", "b": "text", "e": "int", "count": "int"},
}


def model_of(query: str):
    """None for what is no query."""
    try:
        found = parse(f"MODEL (name s.m, kind INCREMENTAL_BY_TIME_RANGE (time_column d)); {query}")
        return load_sql_based_model(found, dialect="duckdb", default_catalog="db")
    except Exception:  # noqa: BLE001 - a parser has many
        return None


def whole(query: str):
    model = model_of(query)
    give(model, None)
    return model.render_query()


def give(model, names) -> None:
    schema = MappingSchema(normalize=False)
    for table, columns in TABLES.items():
        left = {name: kind for name, kind in columns.items() if names is None or name in names}
        left = left or dict([next(iter(columns.items()))])
        typed = {name: exp.DataType.build(kind) for name, kind in left.items()}
        schema.add_table(table, typed, dialect="duckdb")
    model.update_schema(schema)


found = {"pairs": 0, "equal": 0, "told": 0, "wrong": []}
skeletons, clauses = json.loads(sys.argv[1])
for skeleton in skeletons:
    queries = [skeleton.replace("{}", clause) for clause in clauses]
    models = {query: model for query in queries if (model := model_of(query)) is not None}
    wholes = {query: whole(query) for query in models}
    for one, other in combinations(models, 2):
        differ = wholes[one] != wholes[other]
        told = differ_in_part(models[one], models[other], give)
        found["pairs"] += 1
        found["equal"] += not differ
        found["told"] += told
        if told and not differ:
            found["wrong"].append([one, other])
print(json.dumps(found))
