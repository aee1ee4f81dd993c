"""The settings of a model as stock SQLMesh has them when it takes their hash: after pickling.

Stock sends a model through its cache or to another process first (`load_sql_models` in sqlmesh/core/loader.py,
`load_optimized_query_and_mapping` in sqlmesh/core/model/cache.py). Pickled expressions lose arguments without a value
(`sqlglot.serde.dump`), and a hash has in it that there is such an argument (`Gen._function` in
sqlglot/optimizer/simplify.py): `DATE(d)` in a property is `DATE("d",)` as it is parsed, and `DATE("d")` afterwards.
"""

from __future__ import annotations

import pickle
from typing import Any

# Fields that a data_hash has in it as text, or not at all: pickling them takes long and changes no hash.
TEXTS = {
    "query_",
    "pre_statements_",
    "post_statements_",
    "on_virtual_update_",
    "python_env",
    "jinja_macros",
    "seed",
    "column_hashes_",
    "audit_definitions",
    "mapping_schema",
}
# What is the same after pickling.
PLAIN = (str, int, bool, type(None))


def as_pickled(model: Any) -> None:
    """Gives the model's own settings the form in which stock hashes them. Raises where stock does: some
    classes of a project's own cannot be pickled."""
    fields = vars(model)
    names = type(model).all_field_infos().keys() - TEXTS
    settings = {
        name: fields[name]
        for name in names
        if name in fields and not isinstance(fields[name], PLAIN)
    }
    fields.update(pickle.loads(pickle.dumps(settings, pickle.HIGHEST_PROTOCOL)))
