"""Compares queries as sqlglot does, and by the probe's digests.

Arguments: JSON of queries, folders of sources. Prints JSON: the pairs that sqlglot takes for equal, and those
whose digests are equal.
"""

import json
import sys
from itertools import combinations

sys.path[:0] = sys.argv[2:]
from sqlglot import parse_one
from unsynced.describe.query import tree_digest

queries = json.loads(sys.argv[1])
# Some types of ClickHouse's hold an object of their dialect.
trees = [parse_one(query, dialect="clickhouse" if "[]" in query else "duckdb") for query in queries]
digests = [tree_digest(tree) for tree in trees]
pairs = list(combinations(range(len(queries)), 2))
print(
    json.dumps(
        [[pair for pair in pairs if own[pair[0]] == own[pair[1]]] for own in (trees, digests)]
    )
)
