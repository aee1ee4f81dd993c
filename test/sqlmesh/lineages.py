"""Has SQLMesh categorise random changes in random lineages, with its own sets of what is above and below and
with what stands for them.

Arguments: how many lineages, folders of sources. Prints JSON: how many snapshots had which category, and the
seeds of those lineages in which the two do not agree.
"""

import json
import random
import sys
from collections import Counter

sys.path[:0] = sys.argv[2:]
from sqlmesh.core.dialect import parse
from sqlmesh.core.model import load_sql_based_model
from sqlmesh.core.plan import builder as module
from sqlmesh.core.snapshot import SnapshotChangeCategory
from unsynced.categorise.lineage import near_lineage
from unsynced.categorise.plain import whole_lineage
from unsynced.categorise.planner import Planner

# What SQLMesh may find out of one change, which is not what this is about.
VERDICTS = [
    SnapshotChangeCategory.BREAKING,
    SnapshotChangeCategory.NON_BREAKING,
    SnapshotChangeCategory.METADATA,
    None,
]


def models_of(chance: random.Random, edited: bool) -> dict:
    """A lineage of 12 models; with the same chance it is the same one, but for the edits."""
    found = {}
    names = [f"s.m{number}" for number in range(12)]
    for number, name in enumerate(names):
        parents = chance.sample(names[:number], min(number, chance.randint(0, 3)))
        # Only what it reads tells the columns of a `*`.
        selected = "*" if chance.random() < 0.04 else "1::INT AS a"
        kind = chance.choice(["FULL", "FULL", "VIEW", "VIEW (materialized true)"])
        forward = chance.random() < 0.5
        change = chance.choice(["query", "query", "owner", "", "", "", "gone"])
        if edited and change == "gone" and number > 8:
            continue
        kind = "INCREMENTAL_BY_UNIQUE_KEY (unique_key a, forward_only true)" if forward else kind
        owner = ", owner other" if edited and change == "owner" else ""
        where = "WHERE 1 = 2" if edited and change == "query" else ""
        sources = ", ".join([*parents, "raw.t"])
        text = f"MODEL (name {name}, kind {kind}{owner}); SELECT {selected} FROM {sources} {where}"
        model = load_sql_based_model(parse(text), dialect="duckdb", default_catalog="db")
        found[model.fqn] = model
    return found


def categories(before: dict, after: dict, ours: bool) -> dict:
    planner = Planner(before, after, {})
    planner.categorise(near_lineage(planner) if ours else whole_lineage(planner))
    return {
        one.name: (str(one.change_category), one.version)
        for one in planner.difference.snapshots.values()
    }


def verdicts(seed: int):
    """In place of SQLMesh's `categorize_change`: what it finds out of each change."""
    return lambda new, old, config=None: random.Random(f"{seed} {new.name}").choice(VERDICTS)


counts: Counter = Counter()
wrong = []
for seed in range(int(sys.argv[1])):
    module.categorize_change = verdicts(seed)
    both = [models_of(random.Random(seed), edited) for edited in (False, True)]
    stock, own = (categories(*both, ours) for ours in (False, True))
    counts.update(category for category, _ in stock.values())
    if stock != own:
        wrong.append(seed)
print(json.dumps({"counts": counts, "wrong": wrong}))
