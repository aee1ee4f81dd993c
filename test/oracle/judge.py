"""Real Dagster as the judge of what deploying head does to assets that base materialized.

Reads cases from standard input, one JSON object a line, and writes one verdict a line in the same
order. The lines' shapes are `Case` and `Verdict` in judge.ts. For each case it

1. materializes base in an ephemeral instance,
2. loads head and reads each asset's stale status and root causes, as Dagster's page shows them,
3. materializes whatever is not fresh, reads again, and so on until nothing is left to run.

Dagster has two ways to get a materialization into its event log, and a case says which it takes:

- `execute`: `dagster.materialize`, one run for each asset. Slow (tens of milliseconds an asset).
- `report`: an event without a run, with the tags that a run stamps
  (`_get_output_asset_events` in dagster/_core/execution/plan/execute_step.py). Ten times as fast.
  The tests compare both ways on the same cases.

Cases that report share one instance; a first key segment of its own keeps each apart.

Where there are partitions, what our own probe says of the definitions goes with the verdict.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import uuid
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path as FilePath
from typing import Any, Literal

# An isolated Python does not look for modules beside the script.
sys.path.insert(0, str(FilePath(__file__).parent))

os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
warnings.simplefilter("ignore")

from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_IS_USER_PROVIDED_TAG,
    DATA_VERSION_TAG,
    INPUT_DATA_VERSION_TAG_PREFIX,
    INPUT_EVENT_POINTER_TAG_PREFIX,
    SKIP_PARTITION_DATA_VERSION_DEPENDENCY_THRESHOLD,
    CachingStaleStatusResolver,
    DataVersion,
    StaleCause,
    StaleStatus,
    compute_logical_data_version,
)
from dagster._core.definitions.partitions.context import partition_loading_context
from dagster._core.loader import LoadingContextForTest
from dagster._utils.caching_instance_queryer import CachingInstanceQueryer
from partition_kinds import mapping_of, partitions_of

import dagster as dg

sys.path.insert(0, str(FilePath(__file__).parents[2] / "python"))
from unsynced import definitions as probe
from unsynced.partitions.mapped_partitions import Partitions

logging.disable(logging.CRITICAL)

Path = tuple[str, ...]
Json = dict[str, Any]

# How many cases share one instance. More of them make each query of it slower.
BATCH = 50
# When all of it happens: which time windows are over by then.
AT = datetime(2024, 6, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Asset:
    """One asset of a case, by the names of judge.ts."""

    key: dg.AssetKey
    code_version: str | None
    parents: Sequence[dg.AssetKey]
    kind: Literal["materialized", "neverMaterialized", "external", "virtual"]
    partitions: dg.PartitionsDefinition | None
    mappings: dict[dg.AssetKey, dg.PartitionMapping]
    data_version: str | None

    def partition_keys(self) -> Sequence[str | None]:
        return self.partitions.get_partition_keys() if self.partitions else [None]

    def spec(self) -> dg.AssetSpec:
        return dg.AssetSpec(
            self.key,
            deps=[self.dependency(parent) for parent in self.parents],
            code_version=self.code_version,
            partitions_def=self.partitions,
            # Dagster before 1.13 does not know virtual assets.
            **({"is_virtual": True} if self.kind == "virtual" else {}),
        )

    def dependency(self, parent: dg.AssetKey) -> dg.AssetDep:
        if parent in self.mappings or parent != self.key:
            return dg.AssetDep(parent, partition_mapping=self.mappings.get(parent))
        # An asset may read itself only as it was in an earlier time window.
        before = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
        return dg.AssetDep(parent, partition_mapping=before)


Graph = dict[dg.AssetKey, Asset]


@dataclass
class Case:
    prefix: Path
    base: Graph
    head: Graph
    dynamic: dict[str, list[str]]
    # Whether our probe looks at it too.
    probe: bool
    states: list[Json] = field(default_factory=list)


def read_case(line: Json, prefix: Path) -> Case:
    graphs = [
        {asset.key: asset for asset in (read_asset(row, prefix) for row in line[side])}
        for side in ("base", "head")
    ]
    dynamic = {dynamic_name(name, prefix): keys for name, keys in line["dynamic"].items()}
    return Case(prefix, *graphs, dynamic, line["probe"])


def dynamic_name(name: str, prefix: Path) -> str:
    return "-".join([*prefix, name])


def read_asset(row: Json, prefix: Path) -> Asset:
    return Asset(
        key=dg.AssetKey([*prefix, *row["key"]]),
        code_version=row["codeVersion"],
        parents=[dg.AssetKey([*prefix, *parent]) for parent in row["parents"]],
        kind=row["kind"],
        partitions=partitions_of(row["partitions"], lambda name: dynamic_name(name, prefix)),
        mappings={
            dg.AssetKey([*prefix, *each["parent"]]): mapping_of(each["mapping"])
            for each in row["mappings"]
        },
        data_version=row["dataVersion"],
    )


def parents_first(graph: Graph) -> Iterator[Asset]:
    done: set[dg.AssetKey] = set()

    def visit(asset: Asset) -> Iterator[Asset]:
        if asset.key in done:
            return
        done.add(asset.key)
        for parent in asset.parents:
            if parent in graph:
                yield from visit(graph[parent])
        yield asset

    for asset in graph.values():
        yield from visit(asset)


class Reporter:
    """Materializes by reporting events with the tags that a run would stamp."""

    def __init__(self, instance: dg.DagsterInstance, graphs: dict[str, Any]) -> None:
        self.instance = instance
        self.graphs = graphs
        self.events = 0
        self.versions: dict[dg.AssetKey, dict[str | None, DataVersion]] = {}
        self.latest: dict[dg.AssetKey, tuple[int, DataVersion]] = {}

    def materialize(self, case: Case, side: str, asset: Asset, partition: str | None) -> None:
        # Each asset a run of its own, so that two without a code version never share a version.
        code = asset.code_version or str(uuid.uuid4())
        inputs = {parent: self.input(side, asset, parent, partition) for parent in asset.parents}
        if asset.data_version is None:
            versions = {parent: version for parent, (_, version) in inputs.items()}
            version = compute_logical_data_version(code, versions)
        else:
            version = DataVersion(asset.data_version)
        tags = {CODE_VERSION_TAG: code, DATA_VERSION_TAG: version.value}
        if asset.data_version is not None:
            tags[DATA_VERSION_IS_USER_PROVIDED_TAG] = "true"
        for parent, (pointer, seen) in inputs.items():
            name = parent.to_user_string()
            tags[f"{INPUT_DATA_VERSION_TAG_PREFIX}/{name}"] = seen.value
            tags[f"{INPUT_EVENT_POINTER_TAG_PREFIX}/{name}"] = pointer
        event = dg.AssetMaterialization(asset.key, tags=tags, partition=partition)
        self.instance.report_runless_asset_event(event)
        self.events += 1
        self.versions.setdefault(asset.key, {})[partition] = version
        self.latest[asset.key] = (self.events, version)

    def input(
        self, side: str, child: Asset, parent: dg.AssetKey, partition: str | None
    ) -> tuple[str, DataVersion]:
        """The event and data version that a run would note for a parent (`DataVersionCache`)."""
        if parent not in self.latest:
            return "NULL", DataVersion("INITIAL")
        event, version = self.latest[parent]
        graph = self.graphs[side]
        if graph.get(parent).is_partitioned:
            with partition_loading_context(AT, self.instance):
                read = graph.get_parent_partition_keys_for_child(partition, parent, child.key)
                wanted = list(read.partitions_subset.get_partition_keys())
            if len(wanted) < SKIP_PARTITION_DATA_VERSION_DEPENDENCY_THRESHOLD:
                known = self.versions[parent]
                found = [known[each].value for each in sorted(wanted) if each in known]
                version = DataVersion(hashlib.sha256("".join(found).encode()).hexdigest())
        return str(event), version

    def verify(self) -> None:
        """Event numbers are counted here rather than asked for, so one is checked."""
        for key, (event, _) in list(self.latest.items())[-1:]:
            stored = self.instance.get_latest_data_version_record(key)
            assert stored and stored.storage_id == event, "events are not numbered 1, 2, …"


class Executor:
    """Materializes by running each asset's own op."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance

    def materialize(self, case: Case, side: str, asset: Asset, partition: str | None) -> None:
        graph = case.base if side == "base" else case.head
        definitions = list(define([graph], one_op=False))
        result = dg.materialize(
            definitions,
            selection=[asset.key],
            instance=self.instance,
            partition_key=partition,
        )
        assert result.success

    def verify(self) -> None:
        pass


def define(graphs: Iterable[Graph], one_op: bool) -> Iterator[dg.AssetsDefinition | dg.AssetSpec]:
    """Definitions of the assets, each with its own op or all of a graph with one."""
    for number, graph in enumerate(graphs):
        bare = [asset for asset in graph.values() if asset.kind in ("external", "virtual")]
        yield from (asset.spec() for asset in bare)
        internal = [asset for asset in graph.values() if asset not in bare]
        groups = by_partitions(internal) if one_op else [[asset] for asset in internal]
        for index, group in enumerate(groups):
            yield define_op(f"op_{number}_{index}", group)


def by_partitions(assets: Iterable[Asset]) -> Sequence[Sequence[Asset]]:
    """All assets of one op have the same partitions, and none of them reads its own way."""
    groups: dict[object, list[Asset]] = {}
    for asset in assets:
        own_way = asset.mappings or asset.key in asset.parents
        groups.setdefault(asset.key if own_way else repr(asset.partitions), []).append(asset)
    return list(groups.values())


def define_op(name: str, assets: Sequence[Asset]) -> dg.AssetsDefinition:
    versions = {asset.key: asset.data_version for asset in assets}

    @dg.multi_asset(name=name, specs=[asset.spec() for asset in assets], can_subset=len(assets) > 1)
    # Dagster cannot read the annotation of `context` from a string.
    def op(context) -> Iterator[dg.MaterializeResult[Any]]:
        for key in context.selected_asset_keys:
            version = versions[key]
            yield dg.MaterializeResult(
                asset_key=key,
                data_version=None if version is None else dg.DataVersion(version),
            )

    return op


def definitions_of(graphs: Iterable[Graph], one_op: bool) -> dg.Definitions:
    return dg.Definitions(assets=list(define(graphs, one_op)))


def graph_of(definitions: dg.Definitions) -> Any:
    return definitions.get_repository_def().asset_graph


def probe_case(case: Case) -> Json:
    return {
        "base": probe_graph(case.base, case.prefix),
        "head": probe_graph(case.head, case.prefix),
    }


def probe_graph(graph: Graph, prefix: Path) -> Json:
    """What the product would be told of these definitions."""
    dagsters = graph_of(definitions_of([graph], one_op=True))
    # At another time, because Dagster remembers the partitions of one definition at one time.
    partitions = Partitions(dagsters, int(AT.timestamp()) + 1)
    strip = len(prefix)
    assets = [
        {**asset, "key": asset["key"][strip:], "parents": [key[strip:] for key in asset["parents"]]}
        for asset in probe.assets_of(dagsters, partitions)
    ]
    return {"assets": assets, **partitions.tables()}


class Look:
    """What Dagster's resolver says of loaded definitions right now; it caches, so one a look."""

    def __init__(self, instance: dg.DagsterInstance, definitions: dg.Definitions) -> None:
        self.graph = definitions.get_repository_def().asset_graph
        self.context = LoadingContextForTest(instance)
        self.resolver = CachingStaleStatusResolver(
            instance=instance,
            asset_graph=self.graph,
            loading_context=self.context,
            instance_queryer=CachingInstanceQueryer(
                instance, self.graph, self.context, evaluation_time=AT
            ),
        )
        keys = self.graph.get_all_asset_keys()
        self.resolver.instance_queryer.prefetch_asset_records(keys)

    def state(self, case: Case, ran: Iterable[Asset]) -> Json:
        strip = len(case.prefix)
        return {
            "ran": [list(asset.key.path[strip:]) for asset in ran],
            "assets": [
                {
                    "key": list(asset.key.path[strip:]),
                    **self.view(asset, None, strip),
                    "partitions": [
                        {"partition": partition, **self.view(asset, partition, strip)}
                        for partition in asset.partition_keys()
                        if partition is not None
                    ],
                    "dataVersion": self.data_version(asset),
                }
                for asset in case.head.values()
            ],
        }

    def view(self, asset: Asset, partition: str | None, strip: int) -> Json:
        causes = self.resolver.get_stale_root_causes(asset.key, partition)
        return {
            "status": self.resolver.get_status(asset.key, partition).value,
            "causes": [describe(cause, strip) for cause in causes],
        }

    def data_version(self, asset: Asset) -> str | None:
        return None if asset.partitions else self.resolver.get_current_data_version(asset.key).value

    def to_run(self, case: Case) -> list[tuple[Asset, str | None]]:
        return [
            (asset, partition)
            for asset in parents_first(case.head)
            if asset.kind == "materialized"
            for partition in asset.partition_keys()
            if self.resolver.get_status(asset.key, partition) != StaleStatus.FRESH
        ]


def describe(cause: StaleCause, strip: int) -> Json:
    """A root cause: of CODE the asset itself, of DATA the parent, of DEPENDENCIES both."""
    other = cause.dependency_asset_key
    return {
        "category": cause.category.value,
        "reason": cause.reason.split(" on ")[0],
        "key": list(cause.asset_key.path[strip:]),
        "dependency": None if other is None else list(other.path[strip:]),
    }


def judge(cases: Sequence[Case], execute: bool) -> None:
    """Fills in the states of the cases, which go through their waves in step."""
    with dg.DagsterInstance.ephemeral() as instance, partition_loading_context(AT, instance):
        for case in cases:
            for name, keys in case.dynamic.items():
                instance.add_dynamic_partitions(name, keys)
        sides = {
            "base": definitions_of([case.base for case in cases], one_op=not execute),
            "head": definitions_of([case.head for case in cases], one_op=not execute),
        }
        graphs = {side: graph_of(definitions) for side, definitions in sides.items()}
        runs = Executor(instance) if execute else Reporter(instance, graphs)
        for case in cases:
            for asset in parents_first(case.base):
                for partition in asset.partition_keys() if asset.kind == "materialized" else []:
                    runs.materialize(case, "base", asset, partition)
        definitions = sides["head"]
        ran: dict[int, list[Asset]] = {index: [] for index in range(len(cases))}
        while ran:
            look = Look(instance, definitions)
            for index, assets in ran.items():
                cases[index].states.append(look.state(cases[index], assets))
            open_cases = {index: look.to_run(cases[index]) for index in ran}
            ran = {
                index: run_wave(cases[index], to_run, runs)
                for index, to_run in open_cases.items()
                if to_run
            }
        runs.verify()


def run_wave(
    case: Case, to_run: Sequence[tuple[Asset, str | None]], runs: Executor | Reporter
) -> list[Asset]:
    if len(case.states) > len(case.head) + 110:
        raise RuntimeError(f"{case.prefix} never settles: {case.states[-1]}")
    for asset, partition in to_run:
        runs.materialize(case, "head", asset, partition)
    return list({asset.key: asset for asset, _ in to_run}.values())


def batches(lines: Iterable[Json]) -> Iterator[tuple[bool, list[Case]]]:
    """Cases that execute stand alone, with their keys exactly as they are."""
    batch: list[Case] = []
    for line in lines:
        execute = line["run"] == "execute"
        if batch and (execute or len(batch) == BATCH):
            yield False, batch
            batch = []
        if execute:
            yield True, [read_case(line, ())]
        else:
            batch.append(read_case(line, (f"case{len(batch)}",)))
    if batch:
        yield False, batch


def main() -> None:
    # Whatever Dagster prints must not get among the verdicts.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for execute, cases in batches(json.loads(line) for line in sys.stdin):
        judge(cases, execute)
        for case in cases:
            probed = probe_case(case) if case.probe else None
            verdict = {"dagster": dg.__version__, "states": case.states, "probed": probed}
            print(json.dumps(verdict), file=answers)
        answers.flush()


if __name__ == "__main__":
    main()
