"""Models as a load made them, left in a folder for the process that categorises the change.

They have no columns of what they read, and not what was parsed of their SQL: most are never asked for it, and
their text says the same. What is evident of their own columns goes with them.
"""

from __future__ import annotations

import copyreg
import hashlib
import io
import pickle
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .. import internals
from .declared_columns import evident_columns


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
    return attempt(lambda: lightly((model, sql_columns(model)))) or b""


def unpickled(content: bytes) -> tuple[Any, dict[str, Any] | None] | None:
    """The model, and the columns that are evident of it if it is one of SQL."""
    return attempt(lambda: pickle.loads(content)) if content else None


def sql_columns(model: Any) -> dict[str, Any] | None:
    return evident_columns(model) if model.source_type == "sql" else None


def lightly(value: Any) -> bytes:
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
    if internals.parsed.exists:
        pickler.dispatch_table = {**copyreg.dispatch_table, internals.parsed.owner: without_tree}
    pickler.dump(value)
    return stream.getvalue()


def without_tree(text: Any) -> tuple[Any, ...]:
    """How a `ParsableSql` is pickled; whoever asks for what it holds parses it again."""
    state = text.__getstate__()
    private = {**(state["__pydantic_private__"] or {}), internals.parsed.name: None}
    state = {**state, "__pydantic_private__": private}
    return copyreg.__newobj__, (type(text),), state


def attempt(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception:  # noqa: BLE001 - each such class has its own reason
        return None
