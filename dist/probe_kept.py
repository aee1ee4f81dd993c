"""Models as a load made them, left in a folder for the process that categorises the change.

They have no columns, and are pickled where they were parsed, so that those which are equal on both commits
are never made twice.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def keep(model: Any, folder: Path | None) -> None:
    """Before anything is asked of the model, so that its text does not depend on what that remembers."""
    if folder is not None and model.enabled:
        file_of(model.fqn, folder).write_bytes(pickled(model))


def kept(fqns: Iterable[str], folder: Path) -> dict[str, bytes]:
    """Contents of those that are there, to be unpickled."""
    files = {fqn: file_of(fqn, folder) for fqn in fqns}
    return {fqn: file.read_bytes() for fqn, file in files.items() if file.is_file()}


def file_of(fqn: str, folder: Path) -> Path:
    return folder / hashlib.sha256(fqn.encode()).hexdigest()


def pickled(model: Any) -> bytes:
    """Nothing for a model with a kind of the project's own that may not travel: its version stays unknown."""
    return attempt(lambda: pickle.dumps(model)) or b""


def unpickled(content: bytes | None) -> Any:
    return attempt(lambda: pickle.loads(content)) if content else None


def attempt(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception:  # noqa: BLE001 - each such class has its own reason
        return None
