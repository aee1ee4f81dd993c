"""
A code location in every state that a report tells of. As a program it makes the history:

    CODE=1 python definitions.py

After that, served with CODE=2, `edited` and `parted` are Unsynced.
"""

import os
import time
from pathlib import Path

import dagster as dg

CODE = os.environ.get("CODE", "1")
# Runs of `slow` wait for this file.
GATE = Path(os.environ.get("GATE", "gate"))
FAIL = "UNSYNCED_TEST_FAIL"


def key(*path: str) -> dg.AssetKey:
    return dg.AssetKey(["warehouse", *path])


def plain(*path: str, code_version: "str | None" = "1", deps: tuple = ()) -> dg.AssetsDefinition:
    @dg.asset(
        key=key(*path), code_version=code_version, deps=[dg.AssetDep(dep.key) for dep in deps]
    )
    def made() -> None:
        time.sleep(0.2)

    return made


edited = plain("live", "edited", code_version=CODE)
parent = plain("live", "parent")
child = plain("live", "child", deps=(parent,))
never = plain("live", "never")
unwired = plain("live", "unwired", code_version=None)
reported = plain("live", "reported")
odd = plain("a-b", "1.x")


@dg.asset(key=key("live", "failing"), code_version="1")
def failing() -> None:
    if FAIL in os.environ:
        raise RuntimeError("on purpose")


@dg.asset(key=key("live", "slow"), code_version="1")
def slow() -> None:
    for _ in range(1200):
        if GATE.exists():
            return
        time.sleep(0.1)


@dg.asset(
    key=key("live", "parted"),
    code_version=CODE,
    partitions_def=dg.StaticPartitionsDefinition(["a", "b", "c", "d"]),
)
def parted(context: dg.AssetExecutionContext) -> None:
    if context.partition_key == "c":
        raise RuntimeError("on purpose")


@dg.multi_asset(
    specs=[dg.AssetSpec(key("live", name), code_version="1") for name in ("one", "other")]
)
def both():
    time.sleep(1)
    yield dg.MaterializeResult(asset_key=key("live", "one"))
    yield dg.MaterializeResult(asset_key=key("live", "other"))


# The models of the end-to-end tests' project, without code versions: not wired.
orders = plain("staging", "orders", code_version=None)
revenue = plain("marts", "revenue", code_version=None, deps=(orders,))

history = [edited, parent, child, unwired, failing, both, odd, orders]
many = [plain("many", f"m{index}") for index in range(1000)]

defs = dg.Definitions(assets=[*history, never, reported, slow, parted, revenue, *many])

if __name__ == "__main__":
    instance = dg.DagsterInstance.get()
    assert dg.materialize(history, instance=instance).success
    os.environ[FAIL] = "1"
    dg.materialize([failing], instance=instance, raise_on_error=False)
    for partition in "abc":
        dg.materialize([parted], instance=instance, partition_key=partition, raise_on_error=False)
    instance.report_runless_asset_event(dg.AssetMaterialization(reported.key))
