"""Answers the probe's requests one after the other, each in a fork of one process, as the product has it.

Importing SQLMesh takes most of a small load, and a fork has it already. Each line on standard input is
`{"answer": FILE, "environment": {…}, "request": {…}, "site": FOLDER or null}`; a line on standard output says
that the answer is in FILE. `site` stands for what is installed besides. The argument is the folder of the
sources.
"""

import json
import os
import site
import sys

sys.path.insert(0, sys.argv[1])
from unsynced import manifest
from unsynced.protocol import apart, envelope_of

del sys.path[0]


def answer(job: dict) -> None:
    os.environ.clear()
    os.environ.update(job["environment"])
    with open(os.devnull, "w") as null:
        os.dup2(null.fileno(), 1)
        os.dup2(null.fileno(), 2)
    if job["site"] is not None:
        site.addsitedir(job["site"])
    with open(job["answer"], "w") as answer:
        json.dump(
            envelope_of(job["request"].get("question", "manifest"), manifest.WORKS, job["request"]),
            answer,
        )


manifest.import_early()
for line in sys.stdin:
    job = json.loads(line)
    apart(lambda job=job: answer(job))
    print(flush=True)
