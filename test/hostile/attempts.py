"""What a pull request's code might try while it is loaded. Runs in a hostile project's config.py.

Each attempt gives what it could read, or says what it did; `try_all` makes one line of each. Nothing here
harms the machine that it runs on, also where nothing keeps it from what it tries.
"""

from __future__ import annotations

import ctypes
import glob
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Callable

# Where the test has put what is to be found; a real attacker knows the runner's paths as well.
WHERE = json.loads((Path(__file__).parent / "where.json").read_text())
# In a secret of the machine, in a token, and as actions/checkout encodes one.
MARK = re.compile("canary[0-9a-f]{24}|gh[sp]_can[a]ry|can[a]ryRuntime|Y2Fu[Y]XJ5")
attempts: list[tuple[str, Callable[[], str]]] = []
libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    pass


def attempt(name: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    def add(work: Callable[[], str]) -> Callable[[], str]:
        attempts.append((name, work))
        return work

    return add


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


IN_SANDBOX = "sandbox.py" in command_of(1)


def others() -> list[int]:
    """Processes to attack: all in a room of one's own, else those between here and the action."""
    found = [os.getppid()]
    while found[-1] > 1 and "dist/index.js" not in command_of(found[-1]):
        status = Path(f"/proc/{found[-1]}/stat").read_text()
        found.append(int(status.rsplit(")", 1)[1].split()[1]))
    if not IN_SANDBOX:
        return found if found[-1] > 1 else []
    # Here the parents are what started it in this room, but for the first.
    own = {os.getpid(), *found} - {1}
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in own]


def read_all(paths: list[str]) -> str:
    found = []
    for path in paths:
        try:
            with open(path, "rb", buffering=0) as stream:
                found.append(stream.read(1 << 20).decode("latin1"))
        except OSError:
            pass
    return "".join(found)


def system(number: int, *arguments: int) -> int:
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(one) for one in arguments])
    if result == -1:
        raise Refused(os.strerror(ctypes.get_errno()))
    return int(result)


def call(function: str, *arguments: object) -> None:
    if getattr(libc, function)(*arguments) == -1:
        raise Refused(os.strerror(ctypes.get_errno()))


def output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    return (done.stdout + done.stderr).decode("latin1")


# --- T01, T02: what processes were given ---------------------------------------------------------


@attempt("T01 its own variables")
def own_variables() -> str:
    return "\n".join(f"{name}={value}" for name, value in os.environ.items())


@attempt("T01 its own variables as it was started with them")
def own_start() -> str:
    return read_all(["/proc/self/environ", "/proc/self/cmdline", "/proc/self/auxv"])


@attempt("T02 its parent's variables")
def parent_variables() -> str:
    return read_all([f"/proc/{os.getppid()}/environ"])


@attempt("T02 everybody's variables")
def all_variables() -> str:
    return read_all(glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/task/*/environ"))


@attempt("T02 everybody's variables by ps")
def ps_variables() -> str:
    # Only of this machine: a test of something else may have a made-up token in its command line.
    return " ".join(re.findall("canary[0-9a-f]{24}", output("ps", "axeww")))


@attempt("T02 what else runs")
def what_runs() -> str:
    running = read_all(glob.glob("/proc/[0-9]*/cmdline"))
    return "DID see the action" if "dist/index.js" in running else ""


# --- T03, T04: what the action has open and in mind ----------------------------------------------


@attempt("T03 commands into the output of others")
def foreign_output() -> str:
    for pid in others():
        for number in (1, 2):
            path = f"/proc/{pid}/fd/{number}"
            # Nothing but pipes: a terminal or a file may be a person's.
            if os.path.exists(path) and "pipe:" in os.readlink(path):
                if os.stat(path).st_ino in OWN_PIPES:
                    continue
                with open(path, "wb", buffering=0) as stream:
                    stream.write(b"\n::set-output name=HOSTILE::1\n")
                return "DID write to another's output"
    return ""


@attempt("T03 what others have open")
def foreign_descriptors() -> str:
    opened = []
    for pid in others():
        for path in glob.glob(f"/proc/{pid}/fd/*"):
            if os.path.isfile(path):
                opened.append(path)
    return read_all(opened)


@attempt("T04 memory of others by /proc")
def foreign_memory() -> str:
    found = ""
    for pid in others():
        try:
            maps = Path(f"/proc/{pid}/maps").read_text()
            with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
                for line in maps.splitlines():
                    if "[stack]" in line:
                        start, end = (int(part, 16) for part in line.split()[0].split("-"))
                        memory.seek(start)
                        found += memory.read(end - start).decode("latin1")
        except OSError:
            pass
    return found


@attempt("T04 memory of others by ptrace")
def trace() -> str:
    for pid in others():
        # PTRACE_SEIZE does not stop it.
        if libc.ptrace(0x4206, pid, None, None) == 0:
            return "DID trace another"
    return ""


@attempt("T04 memory of others by process_vm_readv")
def vm_read() -> str:
    for pid in others():
        try:
            line = Path(f"/proc/{pid}/maps").read_text().splitlines()[0]
        except (OSError, IndexError):
            continue
        start = int(line.split("-")[0], 16)
        space = ctypes.create_string_buffer(16)
        local = (ctypes.c_size_t * 2)(ctypes.addressof(space), 16)
        remote = (ctypes.c_size_t * 2)(start, 16)
        if libc.process_vm_readv(pid, local, 1, remote, 1, 0) > 0:
            return "DID read another's memory"
    return ""


@attempt("T04 descriptors of others by pidfd_getfd")
def steal_descriptor() -> str:
    for pid in others():
        try:
            system(438, system(434, pid, 0), 1, 0)
        except Refused:
            continue
        return "DID take another's descriptor"
    return ""


@attempt("T04 signals to others")
def signal_others() -> str:
    for pid in others():
        if pid == 1:
            continue
        try:
            os.kill(pid, 0)
        except OSError:
            continue
        return "DID reach another"
    return ""


# --- T09: the runner's files ---------------------------------------------------------------------


def add_runner_file(variable: str) -> None:
    @attempt(f"T09 a line in {variable}")
    def append() -> str:
        with open(WHERE["commands"][variable], "a") as stream:
            stream.write("HOSTILE=1\n")
        return f"DID write {variable}"


for one in WHERE["commands"]:
    add_runner_file(one)


@attempt("T09 all of the runner's command files")
def glob_commands() -> str:
    folder = str(Path(WHERE["commands"]["GITHUB_OUTPUT"]).parent)
    names = os.listdir(folder)
    for name in names:
        with open(os.path.join(folder, name), "a") as stream:
            stream.write("HOSTILE=1\n")
    return "DID write them all" if names else ""


@attempt("T09 the event")
def event() -> str:
    return Path(WHERE["event"]).read_text()


@attempt("T09 everything in RUNNER_TEMP")
def runner_temp() -> str:
    paths = [str(path) for path in Path(WHERE["temporary"]).rglob("*") if path.is_file()]
    return read_all(paths)


@attempt("T10 a process that outlives the load")
def outlive() -> str:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for _ in range(100):
                time.sleep(0.05)
                for path in [*WHERE["commands"].values(), WHERE["late"]]:
                    try:
                        with open(path, "a") as stream:
                            stream.write("HOSTILE=late\n")
                    except OSError:
                        pass
        os._exit(0)
    # It is looked at from outside.
    return ""


# --- T16, T17, T18: files that are used later ----------------------------------------------------


@attempt("T16 the other commit's files")
def other_commit() -> str:
    room = Path(__file__).resolve().parents[2]
    found = [path for path in (room.parent / "base", room.parent / "head") if path.exists()]
    for path in found:
        (path / "HOSTILE").write_text("")
    return "DID reach the other commit" if found else ""


@attempt("T17 the action's own program")
def action_program() -> str:
    python = Path(sys.modules["__main__"].__file__ or "").parents[1]
    for name in ("unsynced/manifest.py", "sandbox/sandbox.py", "../dist/index.js"):
        with open(python / name, "a"):
            pass
    return "DID open the action's program for writing"


def is_writable(folder: str) -> bool:
    """Whether a file could be made there; this one never gets a name."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY))
    except OSError:
        return False
    return True


@attempt("T18 the interpreter's packages")
def packages() -> str:
    folders = [path for path in sys.path if os.path.isdir(path)]
    own = str(Path(__file__).resolve().parents[1])
    writable = [path for path in folders if not path.startswith(own) and is_writable(path)]
    return f"DID find writable {writable}" if writable else ""


@attempt("T18 the system's files")
def system_files() -> str:
    places = ["/etc", "/etc/cron.d", "/usr/bin", "/usr/lib", "/opt", "/var/lib", "/boot", "/"]
    writable = [path for path in places if is_writable(path)]
    return f"DID find writable {writable}" if writable else ""


def add_home_file(name: str) -> None:
    @attempt(f"T18 something left in ~/{name}")
    def leave() -> str:
        with open(Path(WHERE["home"]) / name, "a") as stream:
            stream.write("HOSTILE\n")
        return f"DID write ~/{name}"


for one in (".bashrc", ".gitconfig", ".ssh/authorized_keys", "HOSTILE"):
    add_home_file(one)


# --- T25, T29: credentials -----------------------------------------------------------------------


def add_file(path: str) -> None:
    @attempt(f"T29 {path}")
    def read() -> str:
        return (Path(WHERE["machine"]) / path).read_text()


for one in WHERE["files"]:
    add_file(one)


@attempt("T29 git's own word on the checkout's configuration")
def git_configuration() -> str:
    return output("git", "-C", WHERE["workspace"], "config", "--show-origin", "--list")


@attempt("T29 git's own word on its configuration")
def git_global() -> str:
    os.environ["HOME"], home = WHERE["home"], os.environ["HOME"]
    try:
        return output("git", "config", "--global", "--list")
    finally:
        os.environ["HOME"] = home


@attempt("T29 everything in the checkout")
def checkout() -> str:
    paths = [str(path) for path in Path(WHERE["workspace"]).rglob("*") if path.is_file()]
    return read_all(paths)


@attempt("T29 a hook in the checkout")
def hook() -> str:
    Path(WHERE["workspace"], ".git", "hooks", "post-checkout").write_text("#!/bin/sh\n")
    return "DID leave a hook"


@attempt("T29 a file in the checkout")
def change_checkout() -> str:
    Path(WHERE["workspace"], "HOSTILE").write_text("")
    return "DID write to the checkout"


@attempt("T29 password files of the system")
def shadow() -> str:
    text = read_all(["/etc/shadow", "/etc/gshadow", "/etc/sudoers"])
    return "DID read them" if text else ""


def add_socket(name: str) -> None:
    @attempt(f"T25 {name}")
    def connect() -> str:
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(2)
            stream.connect(WHERE["sockets"][name])
            return f"DID connect {stream.recv(100)!r}"


for one in WHERE["sockets"]:
    add_socket(one)


# --- T25, T63: the network -----------------------------------------------------------------------


@attempt("T63 a server of this machine by TCP")
def tcp() -> str:
    with socket.create_connection(("127.0.0.1", WHERE["port"]), timeout=2) as stream:
        stream.sendall(b"HOSTILE\n")
        return "DID connect"


@attempt("T63 a server of this machine by UDP")
def udp() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stream:
        stream.connect(("127.0.0.1", WHERE["port"]))
        stream.send(b"HOSTILE")
    # It is looked at from outside.
    return ""


@attempt("T63 a server elsewhere")
def elsewhere() -> str:
    with socket.socket() as stream:
        stream.settimeout(1)
        # Reserved for documentation: where there is a network, nobody answers.
        try:
            stream.connect(("192.0.2.1", 80))
        except (socket.timeout, ConnectionRefusedError):
            return "DID send"
    return "DID connect"


@attempt("T63 the cloud's word on this machine")
def metadata() -> str:
    with socket.socket() as stream:
        stream.settimeout(1)
        try:
            stream.connect(("169.254.169.254", 80))
        except (socket.timeout, ConnectionRefusedError):
            return "DID send"
    return "DID connect"


# --- Privileges, and ways out of a room ----------------------------------------------------------


@attempt("sudo")
def sudo() -> str:
    done = subprocess.run(["sudo", "-n", "id", "-u"], capture_output=True, timeout=10, check=False)
    return "DID" if done.stdout == b"0\n" and os.getuid() != 0 else ""


@attempt("mount")
def mount() -> str:
    place = Path(os.environ["HOME"], "mount")
    place.mkdir(exist_ok=True)
    call("mount", b"tmpfs", bytes(place), b"tmpfs", ctypes.c_ulong(0), None)
    call("umount2", bytes(place), 2)
    return "DID mount"


@attempt("remount / to be written")
def remount() -> str:
    if not IN_SANDBOX:
        raise Refused("it is as it was")
    call("mount", None, b"/", None, ctypes.c_ulong(0x1000 | 0x20), None)
    return "DID remount"


@attempt("uncover what is hidden")
def uncover() -> str:
    call("umount2", WHERE["temporary"].encode(), 2)
    return "DID uncover"


@contextmanager
def forked() -> Iterator[bool]:
    """For what cannot be undone in a process: the body runs in another."""
    child = os.fork()
    if child == 0:
        try:
            yield True
        except BaseException:  # noqa: BLE001 - that it did not succeed is what counts
            os._exit(0)
        os._exit(7)
    yield False
    forked.did = os.waitpid(child, 0)[1] == 7 << 8  # type: ignore[attr-defined]


@attempt("uncover what is hidden, in a user namespace of its own")
def uncover_as_root() -> str:
    with forked() as child:
        if child:
            call("unshare", 0x10000000 | 0x20000)
            call("umount2", WHERE["temporary"].encode(), 2)
    return "DID uncover" if forked.did else ""  # type: ignore[attr-defined]


@attempt("leave the root folder")
def escape_root() -> str:
    with forked() as child:
        if child:
            call("chroot", b"/proc/1/root")
    return "DID chroot" if forked.did else ""  # type: ignore[attr-defined]


@attempt("around a cover by the folder that it was started in")
def parent_folder() -> str:
    starts = ["/proc/self/cwd/..", "/proc/1/cwd/..", f"/proc/{os.getppid()}/cwd/.."]
    places = [os.path.join(start, *[".."] * up) for start in starts for up in range(4)]
    return read_all([path for place in places for path in glob.glob(place + "/_temp/*/*")])


@attempt("a file by its number on the disk")
def by_handle() -> str:
    handle = (ctypes.c_uint32 * 8)(8, 1, 2, 0)
    folder = os.open("/", os.O_RDONLY)
    call("open_by_handle_at", folder, handle, os.O_RDONLY)
    return "DID open a file by its handle"


@attempt("the disk itself")
def disk() -> str:
    for name in os.listdir("/dev"):
        if name.startswith(("vd", "sd", "nvme", "xvd", "mem", "kmem", "kmsg", "port")):
            with open("/dev/" + name, "rb", buffering=0) as device:
                device.read(512)
                return "DID read " + name
    return ""


@attempt("a device of its own")
def device() -> str:
    path = os.path.join(os.environ["HOME"], "device")
    os.mknod(path, 0o60600, os.makedev(254, 0))
    try:
        with open(path, "rb", buffering=0) as opened:
            opened.read(512)
    finally:
        os.unlink(path)
    return "DID read a device"


def add_setting(path: str) -> None:
    @attempt(f"the kernel's setting {path}")
    def change() -> str:
        # Opened and not written: the machine stays as it is.
        os.close(os.open(path, os.O_WRONLY))
        return f"DID open {path}"


for one in (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sysrq-trigger",
    "/sys/kernel/uevent_helper",
):
    add_setting(one)


@attempt("become another user")
def another_user() -> str:
    with forked() as child:
        if child:
            os.setuid(1 if os.getuid() == 0 else 0)
    return "DID" if forked.did else ""  # type: ignore[attr-defined]


# --- T56: more than its share --------------------------------------------------------------------


@attempt("T56 a file of three gigabytes")
def large_file() -> str:
    path = Path(os.environ["HOME"], "large")
    with open(path, "wb") as stream:
        stream.truncate(3 << 30)
    path.unlink()
    return "DID write three gigabytes"


@attempt("T56 more memory than there is")
def memory() -> str:
    bytearray(1 << 40)
    return "DID take it"


OWN_PIPES = {os.fstat(number).st_ino for number in (1, 2)}


def try_all(names: list[str] | None = None) -> list[str]:
    """One line for each attempt: what it was, and what came of it."""
    lines = []
    for name, work in attempts:
        if names is not None and not any(name.startswith(one) for one in names):
            continue
        try:
            got = work()
        except BaseException as error:  # noqa: BLE001 - whatever kept it from succeeding
            lines.append(f"@@ {name} | refused | {type(error).__name__}")
            continue
        found = MARK.search(got)
        if found:
            lines.append(f"@@ {name} | READ | {found[0]!r}")
        else:
            lines.append(
                f"@@ {name} | {'DID' if got.startswith('DID') else 'nothing'} | {got[:60]!r}"
            )
    return lines
