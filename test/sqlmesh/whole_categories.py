"""SQLMesh's own plan: every model has been loaded with the columns of all others, and the state holds base.

Arguments: `base` or `head`, the project, a file for what base deploys. Prints JSON: by fqn `new`, `reused`, or
`open` where the plan leaves it to a person.
"""

import json
import pickle
import sys
from pathlib import Path

from sqlmesh import Context

side, project, exchange = sys.argv[1], sys.argv[2], Path(sys.argv[3])
context = Context(paths=[project])
if side == "base":
    plan = context.plan_builder("prod", skip_tests=True).build()
    exchange.write_bytes(pickle.dumps((plan.new_snapshots, plan.environment)))
else:
    snapshots, environment = pickle.loads(exchange.read_bytes())
    context.state_sync.push_snapshots(snapshots)
    context.state_sync.promote(environment)
    # What it would make of a forward-only model's table is nobody's question here.
    plan = context.plan_builder("prod", skip_tests=True, allow_destructive_models=["*"]).build()
    difference = plan.context_diff
    before = {snapshot.name for snapshot in snapshots}
    versions = {fqn: "reused" for fqn in before & context.models.keys()}
    for fqn, (new, old) in difference.modified_snapshots.items():
        same = "reused" if new.version == old.version else "new"
        versions[fqn] = same if new.version else "open"
    print(json.dumps(versions))
