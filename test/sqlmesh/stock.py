"""What stock SQLMesh says of a project, as JSON on the last line: fqn → [data_hash, parents].

Arguments: `schemas` or `no-schemas` (`Context.load(update_schemas=…)`), then the project folders.
"""

import json
import sys

from sqlmesh import Context

context = Context(paths=sys.argv[2:], load=False)
context.load(update_schemas=sys.argv[1] == "schemas")
models = {m.fqn: [m.data_hash, sorted(m.depends_on)] for m in context._models.values()}
print()
print(json.dumps(models))
