"""What of a model's kind SQLMesh hashes, and what of it the probe has parts for: the words of `data_hash_values`.

Prints JSON: {"hashed": [...], "parts": [...]}.
"""

import ast
import inspect
import json
import sys

sys.path.insert(0, sys.argv[1])

from sqlmesh.core.model import kind
from unsynced.describe import parts

methods = [
    method
    for owner in ast.walk(ast.parse(inspect.getsource(kind)))
    if isinstance(owner, ast.ClassDef)
    for method in owner.body
    if isinstance(method, ast.FunctionDef) and method.name == "data_hash_values"
]
hashed = {
    node.attr
    for method in methods
    for node in ast.walk(method)
    if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self"
}
print(json.dumps({"hashed": sorted(hashed), "parts": parts.HASHED_KIND_FIELDS}))
