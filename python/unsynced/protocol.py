"""How a script of ours answers questions about one commit's code.

Request: a line with a JSON object on standard input; with `apart`, it is answered in a fork. Answer: a line
with a JSON document on file descriptor 3, with the request's nonce. Everything printed belongs to the user's
code, which runs in this process too.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

PROTOCOL = 1


class Refused(Exception):
    """An error with words of our own."""

    def __init__(
        self, code: str, message: str, hint: str | None = None, file: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.file = file


# What is made of a request.
Work = Callable[[dict[str, Any]], Any]


def answer(works: dict[str, Work]) -> None:
    """Answers this process's questions one after the other, and ends when nobody is left to ask. `works`: by
    the name of the question, which is that of the answer too."""
    stream, requests = open_channels()
    for line in requests:
        request = json.loads(line)
        if request.get("apart", False):
            apart(partial(reply, request, works, stream))
        else:
            reply(request, works, stream)
    # The project's threads and exit handlers (analytics among them) are not waited for.
    os._exit(0)


def reply(request: dict[str, Any], works: dict[str, Work], stream: io.BufferedWriter) -> None:
    envelope = envelope_of(request["question"], works, request)
    stream.write(json.dumps(envelope, ensure_ascii=True).encode("ascii") + b"\n")
    stream.flush()
    for printed in (sys.stdout, sys.stderr):
        printed.flush()


def apart(work: Callable[[], None]) -> None:
    """Works in a fork, so that this process stays as it is; if the fork does not get that far, ends as it does."""
    said, saying = os.pipe()
    fork = os.fork()
    if fork == 0:
        try:
            work()
            os.write(saying, b"+")
        except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    os.close(saying)
    _, status = os.waitpid(fork, 0)
    # What the fork leaves running may hold the other end.
    os.set_blocking(said, False)
    try:
        done = os.read(said, 1) != b""
    except BlockingIOError:
        done = False
    os.close(said)
    if done:
        return
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)


def envelope_of(key: str, works: dict[str, Work], request: dict[str, Any]) -> dict[str, Any]:
    """What becomes of the request, or why nothing does."""
    envelope = {"protocol": PROTOCOL, "nonce": request["nonce"]}
    try:
        envelope.update({"ok": True, key: works[key](request)})
    except Exception as error:  # noqa: BLE001 - the project's code may raise anything
        envelope.update(ok=False, error=explain(error, request))
        traceback.print_exc()
    except SystemExit as error:
        message = f"The project ended the load with exit code {error.code}."
        file = passed_through(error, str(request["tree"]))
        found = {"code": "load-failed", "message": message, "file": file, "hint": None}
        envelope.update(ok=False, error=found)
    return envelope


# Where progress is told, once there is somebody to tell it to (ask.ts, `follow`).
progress: int | None = None


def tell(sign: str) -> None:
    """Tells how far the work is: `=12;` for files to come, `+` for each that is done."""
    if progress is not None:
        try:
            os.write(progress, sign.encode())
        except OSError:
            pass  # Nobody listens any more.


def open_channels() -> tuple[io.BufferedWriter, io.BufferedReader]:
    """Takes our pipes away from everything the project starts."""
    global progress
    # What is told there is not for the project to say (ask.ts, `note`).
    os.closerange(5, 6)
    # Programs do not inherit copies; workers that are forked have them all the same.
    answer, progress, requests = os.dup(3), os.dup(4), os.dup(0)
    os.closerange(3, 5)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return os.fdopen(answer, "wb"), os.fdopen(requests, "rb")


def explain(error: Exception, request: dict[str, Any]) -> dict[str, str | None]:
    if isinstance(error, Refused):
        return {
            "code": error.code,
            "message": str(error),
            "file": error.file,
            "hint": error.hint,
        }
    tree = str(request["tree"])
    # sqlglot underlines with terminal codes what it could not parse.
    text = re.sub(r"\x1b\[[0-9;]*m", "", f"{type(error).__name__}: {error}")
    location = getattr(error, "location", None)
    file = inside(str(location), tree) if location else None
    if file is None:
        for found in re.findall(re.escape(tree) + r"/([^\s'\",:]+)", text):
            file = file or (found if (Path(tree) / found).is_file() else None)
    file = file or passed_through(error, tree)
    hint = None
    if isinstance(error, KeyError) or "env_var" in text:
        hint = "If it is an environment variable, name it in the input `env`."
    elif "unhashable type: 'dict'" in text:
        hint = "SQLMesh of this age needs an older dateparser: pin `dateparser<1.3`."
    elif re.search(r"Network is unreachable|[Nn]ame resolution|Name or service not known", text):
        hint = (
            "Where loads are isolated they have no network unless a variable that `env` names has a "
            "value. Let the project do without while it is loaded, or name what it logs in with."
        )
    elif "Read-only file system" in text or "Permission denied" in text:
        hint = (
            "Where loads are isolated they read no credentials, and write to nothing but the "
            "commit's own files, `~` and the folder for temporary files."
        )
    return {
        "code": "load-failed",
        "message": text.replace(f"{tree}/", "")[:4000],
        "file": file,
        "hint": hint,
    }


def passed_through(error: BaseException, tree: str) -> str | None:
    """The innermost of this commit's files that an error came through, its cause's before its own."""
    for cause in reversed(chain_of(error)):
        names = [frame.filename for frame in traceback.extract_tb(cause.__traceback__)]
        if isinstance(cause, SyntaxError):
            names.append(cause.filename or "")
        files = [file for file in (inside(name, tree) for name in names) if file is not None]
        if files:
            return files[-1]
    return None


def chain_of(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
    return chain


def inside(path: str, tree: str) -> str | None:
    return path[len(tree) + 1 :] if path.startswith(f"{tree}/") else None


def lead_imports(workspace: Path, tree: Path) -> None:
    """Imports that would reach the user's checkout reach this commit's files instead."""
    for position, entry in enumerate(sys.path):
        sys.path[position] = led(entry, workspace, tree)


def lead_editable_imports(workspace: Path, tree: Path) -> None:
    """Editable installs map package names to folders (setuptools' `__editable__` finders)."""
    for finder in sys.meta_path:
        module = sys.modules.get(getattr(finder, "__module__", ""), None)
        if module is None or "__editable__" not in module.__name__:
            continue
        mapping = getattr(module, "MAPPING", None) or {}
        for name, folder in mapping.items():
            mapping[name] = led(str(folder), workspace, tree)
        namespaces = getattr(module, "NAMESPACES", None) or {}
        for name, folders in namespaces.items():
            namespaces[name] = [led(str(folder), workspace, tree) for folder in folders]


def led(entry: str, workspace: Path, tree: Path) -> str:
    # An environment may lie inside the checkout, with Python's own library in it.
    if "site-packages" in entry or entry.startswith(os.path.dirname(os.__file__)):
        return entry
    try:
        inside = Path(entry).resolve().relative_to(workspace.resolve())
    except (OSError, ValueError):
        return entry
    return str(tree / inside) if entry else entry
