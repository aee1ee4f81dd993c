"""Models that the change leaves alone are not compared, but for those on which a category of others depends."""

from __future__ import annotations

from typing import Any

from ..describe.model_store import kept
from .model_source import Contents, ModelSource


def models_in_question(source: ModelSource) -> tuple[Contents, Contents]:
    """Of base and head."""
    before, after = kept(source.asked, source.base), kept(source.asked, source.head)
    # What base did not load is as it is here.
    before |= {fqn: after[fqn] for fqn in source.same & after.keys()}
    # A parent that a model gains or loses is part of its fingerprint, also where it is not asked about.
    turned = turned_parents(source.before, source.parents)
    more = source.contents(turned - before.keys() - after.keys())
    before = {**more, **kept(more, source.base), **before}
    after = {**more, **after}
    if any(is_forward_only(source.model(content)) for content in after.values()):
        # What follows from such a change is decided by all changes above, those of metadata too.
        more = source.contents(retold(source) - after.keys())
        before = {**more, **kept(more, source.base), **before}
        after |= more
    return before, after


def turned_parents(old: dict[str, list[str]], new: dict[str, list[str]]) -> set[str]:
    """Those that some model has on one commit alone."""
    both = old.keys() & new.keys()
    return set().union(*(set(old[fqn]) ^ set(new[fqn]) for fqn in both))


def is_forward_only(model: Any) -> bool:
    return bool(getattr(model, "forward_only", False))


def retold(source: ModelSource) -> set[str]:
    """Models of which the commits tell something else, be it metadata, and all that depends on them."""
    common = source.before.keys() & source.parents.keys()
    old, new = kept(common, source.base), kept(common, source.head)
    layer = {fqn for fqn in old.keys() & new.keys() if old[fqn] != new[fqn]}
    found: set[str] = set()
    while layer:
        found |= layer
        source.load(layer, "words")
        layer = {fqn for fqn, own in source.parents.items() if layer & set(own)} - found
    return found
