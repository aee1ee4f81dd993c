"""Categorises one change by plain.py, by categories.py, and by categories.py with one of its steps done plainly.

Arguments: a file with the question `versions` of manifest.py, folders of sources. Prints JSON: by fqn `new` or
`reused`, by `none` for plain.py, `all`, and the name of the step that is done plainly.
"""

import json
import os
import sys
from pathlib import Path

sys.path[:0] = sys.argv[2:]
from unsynced.categorise.categories import FAST, categorise
from unsynced.categorise.plain import PLAIN, Steps
from unsynced.load.catalogs import Notices
from unsynced.load.context import open_context

request = json.loads(Path(sys.argv[1]).read_text())
context, _, _ = open_context(request, Notices())


def apart(steps: Steps) -> dict:
    """In a fork, so that none finds what another has loaded."""
    reading, writing = os.pipe()
    fork = os.fork()
    if fork == 0:
        with os.fdopen(writing, "w") as answer:
            json.dump(categorise(request, context, None, steps), answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        found = json.load(answer)
    os.waitpid(fork, 0)
    return found


ways = {"none": PLAIN, "all": FAST}
ways |= {name: FAST._replace(**{name: getattr(PLAIN, name)}) for name in Steps._fields}
print(json.dumps({name: apart(steps) for name, steps in ways.items()}))
