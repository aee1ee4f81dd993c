"""One step in the life of a code location: `materialize` everything it defines, or ask Dagster for its
`status`, both with the instance in DAGSTER_HOME.

usage: codeLocation.py materialize|status DEFINITIONS.py
`status` prints, as JSON, Dagster's own verdict on every asset.
"""

import importlib.util
import inspect
import json
import logging
import sys
import warnings


def load(path):
    spec = importlib.util.spec_from_file_location("definitions", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["definitions"] = module
    spec.loader.exec_module(module)
    return module.defs


def materialize(defs, instance):
    job = (
        defs.resolve_implicit_global_asset_job_def()
        if hasattr(defs, "resolve_implicit_global_asset_job_def")
        else defs.get_implicit_global_asset_job_def()
    )
    # A DuckDB file has room for one writer, so everything runs in this process.
    result = job.execute_in_process(instance=instance)
    events = result.get_asset_materialization_events()
    return sorted({event.asset_key.to_user_string() for event in events})


def status(defs, instance):
    from dagster._core.definitions.data_version import CachingStaleStatusResolver
    from dagster._core.loader import LoadingContextForTest

    graph = defs.get_repository_def().asset_graph
    arguments = {"instance": instance, "asset_graph": graph}
    if "loading_context" in inspect.signature(CachingStaleStatusResolver).parameters:
        arguments["loading_context"] = LoadingContextForTest(instance)
    resolver = CachingStaleStatusResolver(**arguments)
    return {key.to_user_string(): verdict(resolver, key) for key in graph.get_all_asset_keys()}


def verdict(resolver, key):
    causes = resolver.get_stale_root_causes(key)
    return {
        "status": resolver.get_status(key).value,
        "causes": [
            {
                "category": cause.category.value,
                "reason": cause.reason,
                "dependency": cause.dependency and cause.dependency.asset_key.to_user_string(),
            }
            for cause in causes
        ],
    }


def main():
    action, path = sys.argv[1:]
    warnings.simplefilter("ignore")
    answer, sys.stdout = sys.stdout, sys.stderr
    from dagster import DagsterInstance

    with DagsterInstance.get() as instance:
        logging.disable(logging.WARNING)
        steps = {"materialize": materialize, "status": status}
        print(json.dumps(steps[action](load(path), instance), sort_keys=True), file=answer)


if __name__ == "__main__":
    main()
