"""What Dagster's own parser selects: JSON of cases on stdin, JSON of key lists on stdout."""

import json
import sys

from dagster import AssetKey, AssetSelection, AssetSpec, Definitions


def selected(keys: list[list[str]], selections: list[str]) -> list[list[str]]:
    definitions = Definitions(assets=[AssetSpec(AssetKey(key)) for key in keys])
    graph = definitions.resolve_asset_graph()
    found: set[AssetKey] = set()
    for selection in selections:
        # As `dg launch --assets` does it (asset_materialize_command_impl).
        found |= AssetSelection.from_coercible(selection.split(",")).resolve(graph)
    return sorted(list(key.path) for key in found)


cases = json.load(sys.stdin)
json.dump([selected(case["keys"], case["selections"]) for case in cases], sys.stdout)
