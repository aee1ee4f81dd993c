"""Asks SQLMesh which snapshot versions a change makes new, by its own categorisation of the change.

plain.py is what is done; here is by what it is done faster. Each line of `FAST` may be taken out alone, for that of
`PLAIN`: the answer is the same and comes later (test/sqlmesh/categories.test.ts).
"""

from __future__ import annotations

from typing import Any

from ..narrow.narrow_load import NarrowProject
from .columns import give_columns
from .lazy_categoriser import categorise_lazily
from .lineage import near_lineage
from .model_source import ModelSource
from .plain import Steps, plan_settings, versions_after
from .reduced_query import differ_in_part
from .unchanged_models import models_in_question

FAST = Steps(
    # Not all models, but those that the change may move.
    models=models_in_question,
    # Not those of all models, but of what decides something.
    columns=give_columns,
    # Not the whole queries are compared, where a part tells that they differ.
    part=differ_in_part,
    # Not all changes are looked at, but those on which something depends.
    categorise=categorise_lazily,
    # No sets of all that is above and below each snapshot.
    lineage=near_lineage,
)


def categorise(
    request: dict[str, Any],
    context: Any,
    projects: list[NarrowProject] | None,
    steps: Steps = FAST,
) -> dict[str, str]:
    """`new` or `reused` by fqn. `context`: of head. `projects`: its own, if only some files were loaded with it."""
    source = ModelSource(context, projects, request)
    versions = versions_after(source, plan_settings(context), steps)
    return {fqn: versions[fqn] for fqn in versions.keys() & set(request["models"])}
