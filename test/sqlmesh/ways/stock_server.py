"""What stock SQLMesh says of projects, each loaded in a fork of one process that has imported SQLMesh.

Each line on standard input is `{"answer": FILE, "folders": [PROJECT, …], "site": FOLDER or null}`; a line on
standard output says that the answer is in FILE: `{"models": {fqn: [data_hash, [parent, …], external]}}`, or
`{"error": TEXT}` where SQLMesh refuses the project. `site` stands for what is installed besides.
"""

import gc
import json
import os
import shutil
import site
import sys
import traceback

sys.path.pop(0)
import pandas  # noqa: F401 - every loader of SQLMesh imports it

from sqlmesh import Context


def said_of(folders: list[str]) -> dict:
    models = Context(paths=folders)._models.values()
    return {
        "models": {
            model.fqn: [model.data_hash, sorted(model.depends_on), model.kind.is_external]
            for model in sorted(models, key=lambda model: model.fqn)
        }
    }


def answer(job: dict) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    shutil.rmtree(os.environ["SQLMESH__CACHE_DIR"], ignore_errors=True)
    os.chdir(job["folders"][0])
    try:
        if job["site"] is not None:
            site.addsitedir(job["site"])
        said = said_of(job["folders"])
    except BaseException:  # noqa: BLE001 - the project's code may raise anything
        said = {"error": traceback.format_exc()}
    with open(job["answer"], "w") as file:
        json.dump(said, file)


# What is imported stays as it is, so that forks can share it.
gc.collect()
gc.freeze()
for line in sys.stdin:
    job = json.loads(line)
    fork = os.fork()
    if fork == 0:
        try:
            answer(job)
        finally:
            os._exit(0)
    os.waitpid(fork, 0)
    print(flush=True)
