"""Answers the probe's requests one after the other, in forks of one process.

Importing SQLMesh takes most of a small load, and a fork has it already. Each line on standard input is
`{"answer": FILE, "environment": {…}, "request": {…}}`; a line on standard output says that the answer
is in FILE. The argument is the folder of the sources. As in the product, some files of head are loaded by the
process that has loaded those of base; every other load has a fork of its own.
"""

import json
import os
import sys

OURS = [os.path.join(sys.argv[1], folder) for folder in ("sqlmesh", "python")]
sys.path[:0] = OURS
import probe
from answering import envelope_of

sys.path[:] = [entry for entry in sys.path if entry not in OURS]


class Fork:
    """A process that answers what it is sent."""

    def __init__(self) -> None:
        inbox, self.outbox = os.pipe()
        self.done, done = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.outbox)
            with open(os.devnull, "w") as null:
                os.dup2(null.fileno(), 1)
                os.dup2(null.fileno(), 2)
            for line in os.fdopen(inbox):
                self.answer(json.loads(line))
                os.write(done, b".")
            os._exit(0)
        os.close(inbox)
        os.close(done)

    def answer(self, job: dict) -> None:
        os.environ.clear()
        os.environ.update(job["environment"])
        with open(job["answer"], "w") as answer:
            json.dump(envelope_of("manifest", probe.WORKS, job["request"]), answer)

    def send(self, line: str) -> None:
        os.write(self.outbox, line.encode())
        if not os.read(self.done, 1):
            sys.exit("a fork has ended")

    def end(self) -> None:
        os.close(self.outbox)
        os.close(self.done)
        os.waitpid(self.pid, 0)


probe.import_early()
fork = None
for line in sys.stdin:
    scope = json.loads(line)["request"]["scope"]
    goes_on = scope is not None and scope["base"] is not None
    if fork is None or not goes_on:
        if fork is not None:
            fork.end()
        fork = Fork()
    fork.send(line)
    print(flush=True)
