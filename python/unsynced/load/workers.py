"""Work in worker processes that know what this process knows: only what to work on and the answers travel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from .. import internals

current: Callable[[str], Any]


def in_workers(work: Callable[[str], Any], items: Iterable[str], few: int = 1) -> list[Any]:
    """`work` of each item, on all cores. `few`: so many items are not worth starting workers for."""
    global current
    chosen = list(items)
    workers = min(internals.max_fork_workers.value or 1, len(chosen))
    if workers < 2 or len(chosen) <= few:
        return [work(item) for item in chosen]
    current = work
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        return list(pool.map(work_on, chosen))


def work_on(item: str) -> Any:
    return current(item)
