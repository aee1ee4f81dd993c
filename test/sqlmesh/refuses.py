"""Whether stock SQLMesh loads projects: what `Context(paths=…)` raises of each, tried in a fork of one process.

Each line on standard input is a JSON list of project folders; a line on standard output is what it raised, or null.
"""

import json
import logging
import os
import sys

import pandas  # noqa: F401 - as every loader does

from sqlmesh import Context

logging.disable(logging.CRITICAL)


def raised_by(paths: list) -> "str | None":
    try:
        Context(paths=paths)
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return f"{type(error).__name__}: {error}"
    return None


for line in sys.stdin:
    reading, writing = os.pipe()
    if os.fork() == 0:
        with open(os.devnull, "w") as null:
            os.dup2(null.fileno(), 1)
            os.dup2(null.fileno(), 2)
        os.write(writing, json.dumps(raised_by(json.loads(line))).encode()[:4000])
        os._exit(0)
    os.close(writing)
    os.wait()
    with os.fdopen(reading) as said:
        print(said.read(), flush=True)
