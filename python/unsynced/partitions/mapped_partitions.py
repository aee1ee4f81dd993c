"""Which partitions the assets have, and which of a parent's partitions each of their own reads.

Dagster's own definitions and mappings answer, as they answer `_get_partition_dependencies` of
`CachingStaleStatusResolver`. What depends on the time is asked for the time of the head commit, so that two
commits always give the same. What only a running instance knows is not made up: it is *unresolved*.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, Optional

from .partition_rules import (
    ANY,
    SAME_FOR_ALL,
    SPARSE,
    has_function,
    hashable,
    is_closed,
    is_dynamic,
    is_resolved,
    is_tracked,
    loading_at,
    most_read,
)

# Dagster recommends no more for an asset; a definition with more is not read.
MOST_PARTITIONS = 100_000
# How many partitions are looked at: of one definition, where that makes all that there will ever be, and
# else; of all assets together; and over all mappings, one of which Dagster can take 7 ms for.
MOST_CLOSED = 500
MOST_OPEN = 64
MOST_NODES = 50_000
MOST_QUESTIONS = 5_000
FEWEST_LOOKED_AT = 8
# How often those that mappings lead to are added to those that are looked at.
ROUNDS = 3

Json = dict[str, Any]
# Of one own partition: places among the parent's, -1 for one that is not looked at, None where Dagster
# leaves out that many.
Row = Optional[list[int]]


class Definition:
    """One definition of partitions, which several assets may share."""

    def __init__(self, place: int, given: Any, at: datetime) -> None:
        self.place = place
        self.given = given
        self.dynamic = is_dynamic(given)
        self.closed = is_closed(given, at)
        self.listed = False
        self.number = 0
        self.keys: list[str] = [ANY]
        self.chosen: dict[str, int] = {ANY: 0}
        if has_function(given):
            return
        try:
            self.number = given.get_num_partitions()
            if self.number <= MOST_PARTITIONS:
                self.keys = list(dict.fromkeys(str(key) for key in given.get_partition_keys()))
                self.listed = True
        except Exception:  # noqa: BLE001 - a class of the user's own may raise whatever it likes
            self.closed = False

    def choose(self, most: int) -> None:
        """All of them, or those at both ends, where mappings with an offset differ from elsewhere."""
        whole = self.closed and len(self.keys) <= most
        self.most = most = most if whole else min(most, MOST_OPEN)
        self.order = {key: place for place, key in enumerate(self.keys)}
        part = most // 4
        ends = self.keys if len(self.keys) <= most else self.keys[:part] + self.keys[-part:]
        self.chosen = {key: place for place, key in enumerate(ends)}

    def add(self, keys: Sequence[str]) -> bool:
        """Those that a mapping leads to, as long as there is room; whether there were any."""
        new = {key for key in keys if key in self.order and key not in self.chosen}
        # A set's order is another in each process.
        added = sorted(new, key=self.order.__getitem__)[: max(self.most - len(self.chosen), 0)]
        for key in added:
            self.chosen[key] = len(self.chosen)
        return bool(added)

    def settle(self) -> None:
        """In the definition's order, in which they also run."""
        ordered = sorted(self.chosen, key=self.order.__getitem__)
        self.chosen = {key: place for place, key in enumerate(ordered)}

    def ends_of(self, keys: Sequence[str]) -> list[str]:
        known = sorted((key for key in keys if key in self.order), key=self.order.__getitem__)
        return [*known[:2], *known[-2:]]

    def answer(self) -> Json:
        text = "\n".join(self.keys)
        return {
            "keys": list(self.chosen),
            "complete": self.listed and len(self.chosen) == len(self.keys),
            "count": self.number if self.closed else None,
            "digest": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        }


class Reading:
    """How the partitions of one definition read those of another, by one mapping."""

    def __init__(
        self, place: int, mapping: Any, own: Definition | None, parent: Definition, same: bool
    ) -> None:
        self.place = place
        self.mapping = mapping
        self.own = own
        self.parent = parent
        self.tracked = is_tracked(mapping, parent.given, parent.number, same)
        listed = parent.listed and (own is None or own.listed)
        self.resolved = listed and is_resolved(mapping, own and own.given, parent.given)
        self.asked: dict[str | None, list[str]] = {}

    def own_keys(self) -> list[str | None]:
        return [None] if self.own is None else list(self.own.chosen)

    def upstream(self, key: str | None) -> list[str]:
        """As `BaseAssetGraph.get_parent_partition_keys_for_child` asks."""
        # These give every partition the same.
        asked = None if type(self.mapping).__name__ in SAME_FOR_ALL else key
        if asked not in self.asked:
            self.asked[asked] = self.map_upstream(None if key is None else [key])
        return self.asked[asked]

    def map_upstream(self, keys: list[str] | None) -> list[str]:
        own = None if self.own is None else self.own.given
        result = self.mapping.get_upstream_mapped_partitions_result_for_partitions(
            None if own is None or keys is None else own.subset_with_partition_keys(keys),
            downstream_partitions_def=own,
            upstream_partitions_def=self.parent.given,
        )
        return [str(key) for key in result.partitions_subset.get_partition_keys()]

    def spread(self) -> bool:
        """Looks at what the mapping leads to too; whether that was more."""
        if not self.resolved or not self.tracked:
            return False
        try:
            found = [self.upstream(key) for key in self.own_keys()]
        except Exception:  # noqa: BLE001 - Dagster's page fails there, and says no status
            self.resolved = False
            return False
        few = [key for keys in found if len(keys) < most_read() for key in keys]
        return self.parent.add(few)

    def seed(self) -> None:
        """Where only few partitions may lead anywhere, some of those are looked at."""
        if self.own is None or not (self.resolved and self.tracked):
            return
        if type(self.mapping).__name__ not in SPARSE or self.is_whole():
            return
        try:
            ends = self.parent.ends_of(self.map_upstream(self.own.keys))
            self.parent.add(ends)
            readers = self.mapping.get_downstream_partitions_for_partitions(
                self.parent.given.subset_with_partition_keys(ends),
                upstream_partitions_def=self.parent.given,
                downstream_partitions_def=self.own.given,
            )
            self.own.add(self.own.ends_of([str(key) for key in readers.get_partition_keys()]))
        except Exception:  # noqa: BLE001 - as above
            return

    def is_whole(self) -> bool:
        ends = [self.parent] if self.own is None else [self.parent, self.own]
        return all(len(each.chosen) == len(each.keys) for each in ends)

    def answer(self) -> Json:
        rows: list[Row] = []
        of: list[int] = []
        places: dict[str, int] = {}
        for row in self.rows():
            place = places.setdefault(repr(row), len(rows))
            if place == len(rows):
                rows.append(row)
            of.append(place)
        return {"resolved": self.resolved, "tracked": self.tracked, "rows": rows, "of": of}

    def rows(self) -> list[Row]:
        if not self.resolved:
            return []
        try:
            return [self.row(self.upstream(key)) for key in self.own_keys()]
        except Exception:  # noqa: BLE001 - as above
            self.resolved = False
            return []

    def row(self, keys: list[str]) -> Row:
        if len(keys) >= most_read():
            return None
        places = [self.parent.chosen.get(key, -1) for key in keys]
        return sorted({place for place in places if place >= 0} | {p for p in places if p < 0})


class Partitions:
    """All that an asset graph says of partitions, each definition and each mapping once."""

    def __init__(self, graph: Any, at: int) -> None:
        self.graph = graph
        self.at = datetime.fromtimestamp(at, tz=timezone.utc)
        self.definitions: dict[Any, Definition] = {}
        self.readings: dict[Any, Reading] = {}
        self.places: dict[tuple[Any, Any], int] = {}
        with loading_at(self.at):
            self.read()

    def read(self) -> None:
        nodes = [self.graph.get(key) for key in sorted(self.graph.get_all_asset_keys())]
        partitioned = [node for node in nodes if node.partitions_def is not None]
        for node in partitioned:
            self.definition(node)
        for node in nodes:
            for parent in parents_of(node):
                self.reading(node, self.graph.get(parent))
        readings = list(self.readings.values())
        most = min(
            MOST_CLOSED,
            MOST_NODES // max(len(partitioned), 1),
            MOST_QUESTIONS // max(len(readings), 1),
        )
        for definition in self.definitions.values():
            definition.choose(max(most, FEWEST_LOOKED_AT))
        for reading in readings:
            reading.seed()
        for _ in range(ROUNDS):
            # Not any(…): each of them is to look further.
            if not [reading for reading in readings if reading.spread()]:
                break
        for definition in self.definitions.values():
            definition.settle()
        self.answers = [reading.answer() for reading in readings]

    def definition(self, node: Any) -> Definition | None:
        given = node.partitions_def
        if given is None:
            return None
        name = hashable(given)
        if name not in self.definitions:
            self.definitions[name] = Definition(len(self.definitions), given, self.at)
        return self.definitions[name]

    def reading(self, node: Any, parent: Any) -> None:
        upstream = self.definition(parent)
        if upstream is None:
            return
        own = self.definition(node)
        mapping = self.graph.get_partition_mapping(node.key, parent.key)
        same = node.key == parent.key
        name = (own and own.place, upstream.place, repr(mapping), type(mapping), same)
        if name not in self.readings:
            self.readings[name] = Reading(len(self.readings), mapping, own, upstream, same)
        self.places[(node.key, parent.key)] = self.readings[name].place

    def place_of(self, node: Any) -> int | None:
        definition = self.definition(node)
        return None if definition is None else definition.place

    def reads_of(self, node: Any) -> list[int | None]:
        """A mapping for each parent, in their order; None where it has no partitions."""
        return [self.places.get((node.key, parent)) for parent in parents_of(node)]

    def tables(self) -> Json:
        return {
            "partitions": [each.answer() for each in self.definitions.values()],
            "mappings": self.answers,
        }


def parents_of(node: Any) -> list[Any]:
    return sorted(node.parent_keys, key=lambda key: list(key.path))
