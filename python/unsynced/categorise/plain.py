"""The rule by which a change makes snapshot versions new: SQLMesh's planner compares all models of both commits.

`PLAIN` does each step as SQLMesh does. A check takes the steps of categories.py, which are faster and come to the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

from .. import internals
from .model_source import Contents, Models, ModelSource, model_of
from .planner import Planner


class Steps(NamedTuple):
    """How each step is done."""

    # Which models are compared, of base and of head.
    models: Callable[..., tuple[Contents, Contents]]
    # Makes them, with the columns of what they read; says what it leaves for later, if anything.
    columns: Callable[..., tuple[Models, Models, Any]]
    # Whether a part of a model's queries on both commits tells that these differ.
    part: Callable[..., bool]
    # Categorises what differs.
    categorise: Callable[..., dict[str, str]]
    # What is above and below each snapshot.
    lineage: Callable[..., Any]


def versions_after(source: ModelSource, settings: dict[str, Any], steps: Steps) -> dict[str, str]:
    """`new` or `reused` by fqn, of models that both commits have and SQLMesh decides about."""
    before, after = steps.models(source)
    base, head, later = steps.columns(before, after, source, steps.part)
    return steps.categorise(base, head, settings, later, steps.lineage)


def plan_settings(context: Any) -> dict[str, Any]:
    """What the project's configuration tells a plan of categories (`Context.plan_builder`)."""
    plan = context.config.plan
    return {
        "forward_only": plan.forward_only,
        "categorizer_config": plan.auto_categorize_changes,
    }


def without_lost(base: Models, head: Models, lost: set[str]) -> tuple[Models, Models]:
    """Without these models, those that cannot be had, and all of head's that depend on one: what becomes of them
    depends on what is not known."""
    found = lost | {fqn for own in (base, head) for fqn, model in own.items() if model is None}
    size = -1
    while found and size != len(found):
        size = len(found)
        found |= {fqn for fqn, model in head.items() if model and model.depends_on & found}
    known, wanted = ({fqn: own[fqn] for fqn in own.keys() - found} for own in (base, head))
    return known, wanted


def all_columns(
    before: Contents, after: Contents, source: ModelSource, _part: Any
) -> tuple[Models, Models, None]:
    """As `Context.load` does."""
    from sqlmesh.core.model import update_model_schemas
    from sqlmesh.utils.dag import DAG

    made = ({fqn: model_of(content) for fqn, content in own.items()} for own in (before, after))
    base, head = without_lost(*made, set())
    for models in (base, head):
        known = {**source.above(models), **models}
        dag = DAG({fqn: model.depends_on for fqn, model in known.items()})
        update_model_schemas(dag, known, Path(mkdtemp(dir=os.environ["SQLMESH_HOME"])))
    return base, head, None


def no_part(_old: Any, _new: Any, _give: Any) -> bool:
    return False


def categorise_all(
    base: Models, head: Models, settings: dict[str, Any], later: Any, lineage: Callable[..., Any]
) -> dict[str, str]:
    if later is not None:
        later.give_all()
    planner = Planner(base, head, settings)
    planner.categorise(lineage(planner))
    return planner.versions(planner.left_open())


def whole_lineage(planner: Planner) -> Any:
    _, indirectly = internals.build_modified.get(planner.builder)(planner.dag)
    return indirectly


PLAIN = Steps(
    models=ModelSource.everything,
    columns=all_columns,
    part=no_part,
    categorise=categorise_all,
    lineage=whole_lineage,
)
