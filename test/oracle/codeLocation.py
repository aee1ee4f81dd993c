"""A code location at work: materializes, and says what Dagster thinks of each asset.

usage: codeLocation.py DEFINITIONS.py [KEY…], with the instance in DAGSTER_HOME
Without keys everything is materialized once. With keys these are, then whatever is not fresh, again
and again until all is. Prints a JSON list of states: the keys that just ran, and Dagster's verdict on
every asset. The first state is the one before anything runs.
"""

import importlib.util
import inspect
import json
import logging
import sys
import warnings

MOST_ROUNDS = 6


def load(path):
    spec = importlib.util.spec_from_file_location("definitions", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["definitions"] = module
    spec.loader.exec_module(module)
    return module.defs


def materialize(defs, instance, selection):
    job = (
        defs.resolve_implicit_global_asset_job_def()
        if hasattr(defs, "resolve_implicit_global_asset_job_def")
        else defs.get_implicit_global_asset_job_def()
    )
    # A DuckDB file has room for one writer, so everything runs in this process.
    result = job.execute_in_process(instance=instance, asset_selection=selection)
    return sorted({e.asset_key.to_user_string() for e in result.get_asset_materialization_events()})


def verdicts(defs, instance):
    from dagster._core.definitions.data_version import CachingStaleStatusResolver
    from dagster._core.loader import LoadingContextForTest

    graph = defs.get_repository_def().asset_graph
    arguments = {"instance": instance, "asset_graph": graph}
    if "loading_context" in inspect.signature(CachingStaleStatusResolver).parameters:
        arguments["loading_context"] = LoadingContextForTest(instance)
    resolver = CachingStaleStatusResolver(**arguments)
    return {key: verdict(resolver, key) for key in graph.get_all_asset_keys()}


def verdict(resolver, key):
    return {
        "status": resolver.get_status(key).value,
        "causes": [
            {
                "category": cause.category.value,
                "reason": cause.reason,
                "dependency": cause.dependency and cause.dependency.asset_key.to_user_string(),
            }
            for cause in resolver.get_stale_root_causes(key)
        ],
    }


def state(ran, found):
    return {"ran": ran, "verdicts": {key.to_user_string(): found[key] for key in sorted(found)}}


def everything(defs, instance):
    before = state([], verdicts(defs, instance))
    ran = materialize(defs, instance, None)
    return [before, state(ran, verdicts(defs, instance))]


def rounds(defs, instance, waiting):
    states = [state([], verdicts(defs, instance))]
    while waiting and len(states) <= MOST_ROUNDS:
        ran = materialize(defs, instance, waiting)
        # Declared external tables are missing for good under dagster-sqlmesh: no run makes them.
        if not ran:
            break
        found = verdicts(defs, instance)
        states.append(state(ran, found))
        waiting = [key for key, it in found.items() if it["status"] != "FRESH"]
    return states


def main():
    path, *keys = sys.argv[1:]
    warnings.simplefilter("ignore")
    answer, sys.stdout = sys.stdout, sys.stderr
    from dagster import AssetKey, DagsterInstance

    with DagsterInstance.get() as instance:
        logging.disable(logging.WARNING)
        defs = load(path)
        first = [AssetKey.from_user_string(key) for key in keys]
        states = rounds(defs, instance, first) if first else everything(defs, instance)
        print(json.dumps(states, sort_keys=True), file=answer)


if __name__ == "__main__":
    main()
