"""Which SQL files of a project have to be loaded, judged by their text.

SQLMesh loads each SQL model file by itself, in a worker that knows the configuration, the macros and
the file (`sqlmesh.core.loader.load_sql_models`). So where only SQL models and seeds differ between two
commits, only those files can give other models. What reads them is found by their names: a query that
names a table names it in its text, unless a macro or jinja makes up the name. docs/what-is-loaded.md
has the whole rule.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from .macros import called_macros

WORD = re.compile(r"\w+")
JINJA = re.compile(r"\{\{|\{%|\{#|\bJINJA_", re.IGNORECASE)
# Values that SQLMesh itself gives to a query: dates, never a table. And the usual schedules.
HARMLESS = re.compile(
    r"(?<![\w.\"`\]})@$])@(latest|execution|start|end)_(dt|dtntz|date|ds|ts|tstz|hour|epoch|millis)"
    r"(?![\w.\"`(])|'@(hourly|daily|midnight|weekly|monthly|quarterly|yearly|annually)'",
    re.IGNORECASE,
)
# Properties with which a MODEL block makes no model, or several.
NOT_ONE = {"blueprints", "enabled", "external"}
NAME = re.compile(r"\bname\s+([\w.\"`]+)\s*[,)]", re.IGNORECASE)
MODEL = re.compile(r"\bMODEL\s*\(", re.IGNORECASE)


class SqlFile:
    """What the text of one SQL model file says without being parsed, found out as it is asked for."""

    def __init__(self, path: Path, models: Path) -> None:
        self.text = read_untraced(path)
        self.path = str(path)
        self.file_name = str(path.relative_to(models).with_suffix(""))
        # The texts of their own of macros that put nothing else into a query, once they are known.
        self.macros: Mapping[str, list[str]] = {}

    @cached_property
    def block(self) -> str | None:
        return model_block(self.text)

    @cached_property
    def names(self) -> set[str]:
        """Words that may be the name of what it defines. A model without a name is named after its file."""
        return words(self.text if self.block is None else self.block) | words(self.file_name)

    @cached_property
    def calls(self) -> set[str]:
        """The macros that it calls, if all of them are known and it may get tables from nothing else."""
        found = None if JINJA.search(self.text) else called_macros(HARMLESS.sub("", self.text))
        return found if found is not None and found <= self.macros.keys() else set()

    @cached_property
    def opaque(self) -> bool:
        """Whether a table may be read that `words` do not name."""
        return has_macros(self.text) and not self.calls

    @cached_property
    def words(self) -> set[str]:
        own = (words(text) for name in self.calls for text in self.macros[name])
        return words(self.text).union(self.names, *own)

    @cached_property
    def plain(self) -> bool:
        """Whether it is certain to define exactly one model."""
        block = self.block
        return block is not None and not has_macros(block) and not self.names & NOT_ONE

    @cached_property
    def name(self) -> str | None:
        """The name that its MODEL block gives as it stands; None if that is not certain."""
        found = [] if self.block is None else NAME.findall(self.block)
        return found[0] if len(found) == 1 else None

    @cached_property
    def seed(self) -> bool:
        """Whether it may be one, or says by a macro what it is."""
        return self.block is None or has_macros(self.block) or "seed" in words(self.text)


def read_untraced(path: Path) -> str:
    """Reads a text without the kernel noting that it was read (observe/run_code.py), where it can be read like that."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOATIME", 0))
    except PermissionError:
        file = os.open(path, os.O_RDONLY)
    with open(file, "rb") as opened:
        return opened.read().decode("utf-8", "replace")


def words(text: str) -> set[str]:
    return set(WORD.findall(text.casefold()))


def has_macros(text: str) -> bool:
    return "@" in HARMLESS.sub("", text) or JINJA.search(text) is not None


def model_block(text: str) -> str | None:
    """The text up to the end of the MODEL block; None unless there is exactly one, and nothing odd."""
    opening = MODEL.search(text)
    if opening is None or blank(text[: opening.start()]) is None:
        return None
    depth, at = 1, opening.end()
    # Quoted texts and comments are stepped over as a whole.
    # What does not end is found by itself, so that nothing is looked through twice.
    step = re.compile(
        r"'(?:[^'\\]|'')*'|\"[^\"\\]*\"|--[^\n]*|/\*(?:.*?\*/)?|[()'\"`\\;#$]", re.DOTALL
    )
    while depth > 0:
        found = step.search(text, at)
        if found is None or found[0] in ("'", '"', "`", "\\", ";", "#", "$", "/*"):
            return None
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        at = found.end()
    return None if MODEL.search(text, at) else text[:at]


def blank(text: str) -> str | None:
    """The text if there is nothing in it but white space and comments."""
    step = re.compile(r"\s+|--[^\n]*\n|/\*.*?\*/", re.DOTALL)
    at = 0
    while at < len(text):
        found = step.match(text, at)
        if found is None:
            return None
        at = found.end()
    return text


def own_name(fqn: str) -> str:
    """The table's name without catalog and schema, in one case: `"c"."s"."T"` → `t`."""
    return re.findall(r'"(?:[^"]|"")*"|[^."]+', fqn)[-1].strip('"').casefold()


def files_that_mention(files: Iterable[SqlFile], fqns: Iterable[str], where: str) -> set[str]:
    """The files whose `words`, or only their `names`, hold the name of one of these; all files where that
    cannot be told of a name."""
    names = {own_name(fqn) for fqn in fqns}
    wanted = [words(name) for name in names]
    if not all(wanted) or not all(name.isascii() for name in names):
        return {file.path for file in files}
    single = {word for one in wanted if len(one) == 1 for word in one}
    several = [one for one in wanted if len(one) > 1]

    def holds(found: set[str]) -> bool:
        return not single.isdisjoint(found) or any(one <= found for one in several)

    return {file.path for file in files if holds(getattr(file, where))}
