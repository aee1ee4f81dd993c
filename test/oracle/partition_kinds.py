"""Partitions and their mappings, from the words in which a case has them (judge.ts)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dagster as dg

TWO_DAYS = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-03")
WINDOWS = {
    "daily": dg.DailyPartitionsDefinition,
    "hourly": dg.HourlyPartitionsDefinition,
    "weekly": dg.WeeklyPartitionsDefinition,
    "monthly": dg.MonthlyPartitionsDefinition,
}


class OfTheUsers(dg.AllPartitionMapping):
    """Dagster's own by another name: a class that only the user knows."""


def partitions_of(
    given: Any, dynamic_name: Callable[[str], str]
) -> dg.PartitionsDefinition[Any] | None:
    if given is None:
        return None
    if isinstance(given, list):
        return dg.StaticPartitionsDefinition(given)
    if given == "daily":
        return TWO_DAYS
    if "dynamic" in given:
        return dg.DynamicPartitionsDefinition(name=dynamic_name(given["dynamic"]))
    if "dimensions" in given:
        return dg.MultiPartitionsDefinition(
            {name: partitions_of(each, dynamic_name) for name, each in given["dimensions"].items()}
        )
    return WINDOWS[given["every"]](start_date=given["start"], end_date=given.get("end"))


NAMED = {
    "all": dg.AllPartitionMapping,
    "last": dg.LastPartitionMapping,
    "identity": dg.IdentityPartitionMapping,
    "custom": OfTheUsers,
}


def mapping_of(given: Any) -> dg.PartitionMapping:
    if isinstance(given, str):
        return NAMED[given]()
    if "specific" in given:
        return dg.SpecificPartitionsPartitionMapping(given["specific"])
    if "static" in given:
        return dg.StaticPartitionMapping(given["static"])
    if "window" in given:
        return dg.TimeWindowPartitionMapping(*given["window"])
    if "dimension" in given:
        return dg.MultiToSingleDimensionPartitionMapping(given["dimension"])
    return dg.MultiPartitionMapping(
        {
            upstream: dg.DimensionPartitionMapping(own, mapping_of(mapping))
            for upstream, [own, mapping] in given["dimensions"].items()
        }
    )
