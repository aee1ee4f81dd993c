"""
Plays a roll-out through: assets that materialized without code versions, then the snippets of
docs/wiring.md, given as files.

usage: rollout.py WITH_CODE_VERSION WHERE_WIRED WITHOUT_MATERIALIZING

Prints one JSON object: Dagster's status of each asset after each step.
"""

import inspect
import json
import logging
import os
import runpy
import sys
import tempfile
import warnings

from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

import dagster as dg

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

Json = dict


def definitions(hashes: "dict[str, str]") -> dg.Definitions:
    """As dg-sqlmesh 1.x makes them: the data hash is in the metadata."""
    parents = {"core/a": [], "marts/b": ["core/a"], "marts/c": ["marts/b"], "marts/never": []}

    def made(name: str) -> dg.AssetsDefinition:
        @dg.asset(
            key=name.split("/"),
            deps=[dg.AssetKey(parent.split("/")) for parent in parents[name]],
            metadata={"code_version": hashes[name]},
        )
        def asset() -> None:
            pass

        return asset

    return dg.Definitions(assets=[made(name) for name in parents])


def run_snippets(defs: dg.Definitions, *files: str) -> dg.Definitions:
    scope = {"defs": defs}
    for file in files:
        scope = runpy.run_path(file, init_globals=scope)
    return scope["defs"]


def statuses(defs: dg.Definitions, instance: dg.DagsterInstance) -> Json:
    graph = defs.get_repository_def().asset_graph
    arguments = {"instance": instance, "asset_graph": graph}
    if "loading_context" in inspect.signature(CachingStaleStatusResolver).parameters:
        arguments["loading_context"] = LoadingContextForTest(instance)
    resolver = CachingStaleStatusResolver(**arguments)
    return {
        key.to_user_string(): " ".join(
            [
                resolver.get_status(key).value,
                *sorted({cause.category.value for cause in resolver.get_stale_root_causes(key)}),
            ]
        )
        for key in sorted(graph.get_all_asset_keys())
    }


def materialize(defs: dg.Definitions, instance: dg.DagsterInstance, *keys: str) -> None:
    job = defs.resolve_implicit_global_asset_job_def()
    selection = [dg.AssetKey(key.split("/")) for key in keys]
    assert job.execute_in_process(instance=instance, asset_selection=selection).success


def main(with_code_version: str, where_wired: str, without_materializing: str) -> Json:
    before = {"core/a": "1", "marts/b": "2", "marts/c": "3", "marts/never": "4"}
    after = {**before, "marts/b": "5"}
    states = {}

    def play(steps: "list[tuple[str, dict, tuple, tuple]]") -> None:
        with tempfile.TemporaryDirectory() as home:
            os.environ["DAGSTER_HOME"] = home
            with dg.DagsterInstance.get() as instance:
                materialize(definitions(before), instance, "core/a", "marts/b", "marts/c")
                for name, hashes, snippets, ran in steps:
                    defs = run_snippets(definitions(hashes), *snippets)
                    if ran:
                        materialize(defs, instance, *ran)
                    states[name] = statuses(defs, instance)

    play(
        [
            ("unwired", before, (), ()),
            ("wired at once", before, (with_code_version,), ()),
            ("told", before, (with_code_version, without_materializing), ()),
            ("told twice", before, (with_code_version, without_materializing), ()),
            ("b changed", after, (with_code_version,), ()),
            ("b told", after, (with_code_version, without_materializing), ()),
            ("b ran", after, (with_code_version,), ("marts/b",)),
        ]
    )
    play(
        [
            ("a part", before, (where_wired,), ()),
            ("the part ran", before, (where_wired,), ("core/a",)),
        ]
    )
    return states


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
