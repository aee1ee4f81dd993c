"""Whether what runs while a project loads may read files that SQLMesh's own loaders do not, and which files are
the data of seeds.

Runs in any Python, without SQLMesh, and runs nothing of the project's: its files come as text, on standard input,
and what becomes of them is one line of JSON. docs/what-is-loaded.md has the rule.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from ..narrow.sql_files import words
from .modules import NotClosed, Project
from .python_code import check_python
from .texts import Unknown, problem_of, seed_file, seed_path

SECONDS = 20
BYTES = 2 * 1024**3


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    question = json.loads(sys.stdin.buffer.readline())
    contents = [content() for _ in question["files"]]
    print(json.dumps(answer(question, contents)))


def content() -> bytes:
    """One object of `git cat-file --batch`: `SHA blob SIZE LF CONTENT LF`."""
    size = int(sys.stdin.buffer.readline().split()[2])
    return sys.stdin.buffer.read(size + 1)[:size]


def answer(question: dict[str, Any], contents: list[bytes]) -> dict[str, Any]:
    """`open`: what may read a file, or null. `seeds`: paths of the data of seeds; null where those may be any."""
    files = [(path, use, text) for (path, use), text in zip(question["files"], contents)]
    may_read = why_open(files, question["starts"])
    links = set(question["links"])
    data = []
    try:
        for path, use, source in files:
            if use in ("model", "configuration"):
                text = source.decode("utf-8", "replace")
                data.append(seeds_of(path, use, text, question["starts"], links))
    except NotClosed as error:
        return {"open": may_read or str(error), "seeds": None}
    return {"open": may_read, "seeds": sorted(set().union(*data))}


def why_open(files: list[tuple[str, str, bytes]], starts: list[str]) -> str | None:
    """Why the project is not closed; None if it is."""
    try:
        for start in starts:
            python = {
                path: text
                for path, use, text in files
                if use in ("imported", "python") and path.startswith(start)
            }
            roots = [path for path, use, _ in files if use == "imported" and path in python]
            check_python(Project(start, python), roots)
        for path, use, source in files:
            if use not in ("imported", "python"):
                check_text(path, use, source.decode("utf-8", "replace"))
    except NotClosed as error:
        return str(error)
    except RecursionError:
        return "something is nested too deeply"
    return None


def check_text(path: str, use: str, text: str) -> None:
    """Raises NotClosed."""
    if use == "packaging":
        # What is installed may name code of the repository that programs load by themselves.
        if "entry" in text.lower() or "plugins" in text.lower() or "\\" in text:
            raise NotClosed(f"{path} may define entry points")
        return
    configures = use == "configuration"
    problem = problem_of(text, configures and "variables" in words(text))
    if problem is not None:
        raise NotClosed(f"{path} may read files: {problem}")


def seeds_of(path: str, use: str, text: str, starts: list[str], links: set[str]) -> set[str]:
    """Raises NotClosed where a seed may have any data."""
    if use == "configuration":
        # `model_defaults` may make seeds of all models.
        if "kind" in words(text):
            raise NotClosed(f"{path} gives models a kind, which may be a seed of any data")
        return set()
    try:
        said = seed_path(text)
        own = [start for start in starts if path.startswith(start)]
        return set() if said is None else {seed_file(said, path, start, links) for start in own}
    except Unknown:
        raise NotClosed(f"the data of the seed {path} may be any file") from None
