"""SQLMesh's categories where every model has been loaded with the columns of all others.

Arguments: `base` or `head`, the project, a file for base's models, folders of sources. Prints JSON: by fqn `new` or `reused`.
"""

import json
import pickle
import sys
from pathlib import Path

from sqlmesh import Context

side, project, exchange = sys.argv[1], sys.argv[2], Path(sys.argv[3])
sys.path[:0] = sys.argv[4:]
import probe_categories
from probe_columns import Later


def categorise_snapshots(builder, difference, verdicts) -> None:
    """As `PlanBuilder.build` does."""
    dag = builder._build_dag()
    _, indirectly_modified = builder._build_directly_and_indirectly_modified(dag)
    builder._categorize_snapshots(dag, indirectly_modified)


models = dict(Context(paths=[project]).models)
if side == "base":
    exchange.write_bytes(pickle.dumps(models))
else:
    probe_categories.categorise_snapshots = categorise_snapshots
    # Nothing is left for later: SQLMesh judges every change.
    none = Later(
        set(), set(), {}, lambda chosen: None, lambda old, new: None, lambda old, new: False
    )
    versions = probe_categories.versions_of(pickle.loads(exchange.read_bytes()), models, none)
    print(json.dumps(versions))
