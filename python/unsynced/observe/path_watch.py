"""What a load does with the paths that differ: which of them it opens, looks for and lists.

What the kernel says of reads is asked from outside (observeReads.ts). This adds what leaves no trace there: a look at a
path, also where nothing is, and a list of the names in a folder.
"""

from __future__ import annotations

import os
import pathlib
import sys
import threading

# Below `subprocess`, of whose programs Python says nothing.
from _posixsubprocess import fork_exec
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

# Python's own that look for paths on behalf of whoever calls them.
_HELPERS = """
    os posixpath genericpath pathlib pathlib._local pathlib._abc pathlib._os glob fnmatch contextlib stat
"""
HELPERS = frozenset(_HELPERS.split())
# Our own, by which files are searched for names without a trace.
OURS = frozenset({__name__, "unsynced.narrow.sql_files", "unsynced.narrow.narrow_load"})
# These list folders for names that they then look for.
_LOADERS = """
    sqlmesh.core.loader sqlmesh.core.config.loader sqlmesh.core.config.root
    importlib._bootstrap importlib._bootstrap_external importlib.metadata importlib_metadata
"""
LOADERS = OURS.union(_LOADERS.split())
# A program of others may look at anything.
PROGRAMS = frozenset(
    {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn"}
)
LISTS = frozenset({"os.listdir", "os.scandir"})
# What they get may be more than a path, such as an address with one in it.
BY_ADDRESS = frozenset({"sqlite3.connect", "ctypes.dlopen"})
# Functions of `os` that get paths.
_LOOKS = """
    stat lstat access readlink open statvfs pathconf chdir chroot chmod lchmod chown lchown utime truncate
    remove unlink rename replace link symlink mkdir rmdir mkfifo mknod getxattr setxattr listxattr removexattr
"""
LOOKS = tuple(name for name in _LOOKS.split() if hasattr(os, name))

Function = Callable[..., Any]


class Watch:
    """Tells what this process and its forks do with the paths that differ. It cannot be ended."""

    def __init__(
        self, tree: Path, files: list[str], moving: list[str], listed: list[str], log: Path
    ) -> None:
        """All relative to the tree. `files`: that differ. `moving`: folders that come or go. `listed`: folders in
        which a name does."""
        root = os.path.realpath(tree)

        def absolute(paths: Iterable[str]) -> dict[str, str]:
            return {os.path.normpath(os.path.join(root, path)): path for path in paths}

        self.known = absolute([*files, *moving])
        self.listed = absolute(listed)
        self.names = {os.path.basename(path) for path in self.known}
        # Forks write to it too. Each line is one write.
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.told: set[str] = set()
        self.own = threading.local()
        originals = [getattr(os, name) for name in LOOKS]
        others = {original: self.looking(original) for original in originals}
        replace_everywhere({**others, fork_exec: self.running(fork_exec)})
        sys.addaudithook(self.hear)

    def hear(self, event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            self.take("opens", given[0])
        elif event in LISTS:
            for folder in self.resolved("." if given[0] is None else given[0]):
                if folder in self.listed:
                    self.tell("finds" if caller() in LOADERS else "lists", self.listed[folder])
        elif event in PROGRAMS:
            self.tell("runs", str(given[0]))
        elif event in BY_ADDRESS and any(name in str(given[0]) for name in self.names):
            self.tell("opens", str(given[0]))

    def looking(self, look: Function) -> Function:
        def looked(*args: Any, **kwargs: Any) -> Any:
            folders = [value for name, value in kwargs.items() if name.endswith("dir_fd")]
            for path in (*args[:2], *kwargs.values()):
                if isinstance(path, (str, bytes, os.PathLike)):
                    self.take("looks for", path, folders)
            return look(*args, **kwargs)

        return looked

    def running(self, run: Function) -> Function:
        def ran(*args: Any) -> Any:
            self.tell("runs", str(args[0]))
            return run(*args)

        return ran

    def take(self, how: str, path: Any, folders: Iterable[Any] = ()) -> None:
        """Tells if the path is one of those that differ, or leads over one."""
        if getattr(self.own, "look", False):
            return
        who = caller()
        # Modules are looked for in many places, and in none of them by a link of another name.
        by_name = who.startswith("importlib.") and isinstance(path, str)
        if who in OURS or (by_name and self.names.isdisjoint(path.split("/"))):
            return
        for found in self.resolved(path, folders):
            if found in self.known:
                self.tell(how, self.known[found])

    def resolved(self, path: Any, folders: Iterable[Any] = ()) -> list[str]:
        """Where the path leads, and each part of the way that has the name of one that differs. `folders`: open
        ones that it may be in."""
        self.own.look = True
        try:
            if isinstance(path, int):
                return [os.path.realpath(f"/proc/self/fd/{path}")]
            text = os.fsdecode(path)
            starts = [".", *(f"/proc/self/fd/{folder}" for folder in folders if folder is not None)]
            return [found for start in starts for found in self.ways(os.path.realpath(start), text)]
        except (TypeError, ValueError, OSError):
            return []
        finally:
            self.own.look = False

    def ways(self, start: str, path: str) -> Iterator[str]:
        whole = os.path.join(start, path)
        parts = whole.split("/")
        for length, part in enumerate(parts):
            if part in self.names:
                yield one_slash(os.path.realpath("/".join(parts[:length]) or "/"), part)
        yield one_slash(os.path.realpath(whole))

    def tell(self, how: str, what: str) -> None:
        line = f"{how}\t{what[:400]!a}\n"
        if line not in self.told:
            self.told.add(line)
            os.write(self.log, line.encode("ascii"))


def one_slash(*parts: str) -> str:
    """POSIX lets a path start with two."""
    return "/" + os.path.join(*parts).lstrip("/")


def replace_everywhere(others: dict[Function, Function]) -> None:
    """Puts others in the place of functions, also where they were imported by name."""
    accessor = getattr(pathlib, "_NormalAccessor", None)  # before Python 3.11
    for owner in (*sys.modules.values(), accessor):
        for name, value in list(getattr(owner, "__dict__", {}).items()):
            original = getattr(value, "__func__", value)
            try:
                other = others.get(original)
            except TypeError:  # no key
                continue
            if other is not None and owner is not sys.modules[__name__]:
                setattr(owner, name, staticmethod(other) if owner is accessor else other)
    for known in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        known.update(other for original, other in others.items() if original in known)


def caller() -> str:
    """The module that asks, and not what it asks through."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name not in HELPERS and name != __name__:
            return str(name)
        frame = frame.f_back
    return ""
