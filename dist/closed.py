"""Whether what runs while a project loads may read files that SQLMesh's own loaders do not, and which files are
the data of seeds.

Runs in any Python, without SQLMesh, and runs nothing of the project's: its files come as text, on standard input,
and what becomes of them is one line of JSON. docs/what-is-loaded.md has the rule.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

# An isolated Python does not look beside the script that it runs.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from closed_modules import NotClosed, Project
from closed_python import check_python
from closed_texts import Unknown, problem_of, seed_file, seed_path
from probe_files import words

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
    """`open`: what may read a file, or null. `seeds`: paths of the data of seeds."""
    files = [(path, use, text) for (path, use), text in zip(question["files"], contents)]
    try:
        for start in question["starts"]:
            python = {
                path: text
                for path, use, text in files
                if use in ("imported", "python") and path.startswith(start)
            }
            roots = [path for path, use, _ in files if use == "imported" and path in python]
            check_python(Project(start, python), roots)
        seeds = set()
        links = set(question["links"])
        for path, use, source in files:
            if use in ("imported", "python"):
                continue
            text = source.decode("utf-8", "replace")
            check_text(path, use, text)
            if use == "model":
                seeds |= seeds_of(path, text, question["starts"], links)
    except NotClosed as error:
        return {"open": str(error), "seeds": []}
    except RecursionError:
        return {"open": "something is nested too deeply", "seeds": []}
    return {"open": None, "seeds": sorted(seeds)}


def check_text(path: str, use: str, text: str) -> None:
    """Raises NotClosed."""
    if use == "packaging":
        # What is installed may name code of the repository that programs load by themselves.
        if "entry" in text.lower() or "plugins" in text.lower() or "\\" in text:
            raise NotClosed(f"{path} may define entry points")
        return
    configures = use == "configuration"
    problem = problem_of(text, configures and "variables" in words(text))
    if problem is None and configures and "kind" in words(text):
        # `model_defaults` may make seeds of all models.
        problem = "a kind"
    if problem is not None:
        raise NotClosed(f"{path} may read files: {problem}")


def seeds_of(path: str, text: str, starts: list[str], links: set[str]) -> set[str]:
    """Raises NotClosed where a seed may have any data."""
    try:
        said = seed_path(text)
        own = [start for start in starts if path.startswith(start)]
        return set() if said is None else {seed_file(said, path, start, links) for start in own}
    except Unknown:
        raise NotClosed(f"the data of the seed {path} may be any file") from None


if __name__ == "__main__":
    main()
