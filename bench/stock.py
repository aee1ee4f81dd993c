"""What has to be done with stock SQLMesh for one commit: load the project and read every data_hash."""

import sys

from sqlmesh import Context

context = Context(paths=sys.argv[1])
print(len({model.fqn: model.data_hash for model in context.models.values()}))
