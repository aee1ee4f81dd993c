"""Runs a command in a sandbox of its own: it sees no process but those that it starts, writes nowhere but
where it may, finds hidden what it must not read, can gain no privileges, and ends with this process.

    python -I -S sandbox.py try OPTION... -- WAY...      says which ways work here
    python -I -S sandbox.py WAY OPTION... -- COMMAND...  runs the command; options are NAME=VALUE

Written for any Python from 3.6 on and with few imports, because it runs before every load.
"""

import _signal
import os
import select
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import syscalls as kernel
from filesystem import furnish
from limits import Disk, limit

# Exit codes of this program itself, as shells and `env` have them.
NO_ROOM, NO_PROGRAM = 125, 127
# Standard streams, answer, progress, note.
DESCRIPTORS = 6
TERM = 15


class Options:
    """What is asked for, by name; `hide`, `show` and `write` may be there any number of times."""

    def __init__(self, words):
        pairs = [word.split("=", 1) for word in words]
        self.hide = [value for name, value in pairs if name == "hide"]
        self.show = [value for name, value in pairs if name == "show"]
        self.write = [value for name, value in pairs if name == "write"]
        single = dict(pairs)
        # A folder to become /tmp; without one, /tmp is in memory.
        self.tmp = single.get("tmp")
        self.network = single.get("network") == "on"
        # Who the command runs as, where this process is not that user.
        self.user = int(single.get("uid", os.geteuid()))
        self.group = int(single.get("gid", os.getegid()))
        # The program to use instead of the system's sudo.
        self.sudo = single.get("sudo")
        # Where to say what went wrong that is not the command's own doing.
        self.note = int(single["note"]) if "note" in single else None


def run(way, options, command, lifeline=None):
    """Runs the command in a sandbox of that way. Gives the status that it ended with.

    `lifeline`: a socket whose other end is whom this is done for.
    """
    flags = kernel.NEWNS | kernel.NEWPID | kernel.NEWIPC
    if not options.network:
        flags |= kernel.NEWNET
    if way == "user":
        flags |= kernel.NEWUSER
    kernel.unshare(flags)
    if way == "user":
        keep_identity(options)
    # Opened before anything is covered, as this process is in the same mount namespace.
    disks = [Disk(path) for path in options.write]
    ended, ending = os.pipe()
    first = os.fork()
    if first == 0:
        os.close(ended)
        if lifeline is not None:
            lifeline.close()
        for disk in disks:
            os.close(disk.folder)
        guarded(options, lambda: be_first(options, command, ending))
    os.close(ending)
    kept = [disk.folder for disk in disks]
    close_all_but(options.note, ended, *kept)
    return watch(first, ended, options, lifeline, disks)


def run_by_rules(way, options, command):
    """The same without namespaces: by rules of the kernel, or with nothing but limits."""
    here = os.getpid()
    # In no group that somebody ends, so that something is left to end what the command leaves running.
    keeper = os.fork()
    if keeper == 0:
        os.setsid()
        guarded(options, lambda: keep(here, way, options, command))
    close_all_but()
    return os.waitpid(keeper, 0)[1]


def keep(here, way, options, command):
    """Runs the command until it ends, or the process that this is done for; then nothing of it is left."""
    disks = [Disk(path) for path in options.write]
    # Whatever the command leaves running becomes a child of this process.
    kernel.prctl(kernel.CHILD_SUBREAPER, 1)
    ended, ending = os.pipe()
    first = os.fork()
    if first == 0:
        os.close(ended)
        for disk in disks:
            os.close(disk.folder)
        guarded(options, lambda: be_ruled(way, options, command, ending))
    os.close(ending)
    close_all_but(options.note, ended, *[disk.folder for disk in disks])
    _signal.signal(TERM, lambda *_: os.kill(first, 9))
    kernel.prctl(kernel.PDEATHSIG, TERM)
    if os.getppid() != here:
        os.kill(first, 9)
    status = watch(first, ended, options, None, disks)
    end_children()
    end_like(status)


def be_ruled(way, options, command, ending):
    limit(options)
    if os.geteuid() == 0:
        kernel.drop_capabilities()
    kernel.prctl(kernel.NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PDEATHSIG, 9)
    stay(options, command, ending, lambda: obey(way, options))


def obey(way, options):
    """Takes the rules upon this process. Gives variables that go with them."""
    kernel.prctl(kernel.PDEATHSIG, 9)
    if way != "landlock":
        return {}
    import landlock

    tmp = landlock.rules(options)
    return {} if tmp is None else {"TMPDIR": tmp}


def end_children():
    """Those that were left behind, and those that they have meanwhile."""
    while True:
        for name in os.listdir("/proc"):
            if name.isdigit() and parent_of(name) == os.getpid():
                os.kill(int(name), 9)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def parent_of(process):
    try:
        with open(f"/proc/{process}/stat") as stream:
            return int(stream.read().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def keep_identity(options):
    """In the user namespace one is who one was, and nobody else is anybody."""
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{options.user} {options.user} 1"),
        ("gid_map", f"{options.group} {options.group} 1"),
    ):
        with open("/proc/self/" + file, "w") as stream:
            stream.write(text)


def guarded(options, work):
    """Ends this process with `work`, or with what went wrong."""
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the command must not run
        note(options, "environment", f"The sandbox for it could not be made: {error}")
    os._exit(NO_ROOM)


def note(options, code, text):
    line = f"{code} {text}\n".encode("utf-8", "replace")
    try:
        os.write(2 if options.note is None else options.note, line)
    except OSError:
        pass  # Nobody listens any more.


def close_all_but(*kept):
    """Pipes must close when the command ends, so nobody else may hold them."""
    for descriptor in range(DESCRIPTORS):
        if descriptor not in kept:
            try:
                os.close(descriptor)
            except OSError:
                pass


def be_first(options, command, ending):
    """The first process of the namespace: the others end with it."""
    here = os.getcwd()
    furnish(options)
    # What one is in stays as it was, and so does what `..` leads to.
    enter(here)
    limit(options, namespace=True)
    if not options.network:
        kernel.loopback_up()
    kernel.leave_no_capability_to_gain()
    if os.geteuid() != options.user:
        os.setgroups([options.group])
        os.setresgid(options.group, options.group, options.group)
        os.setresuid(options.user, options.user, options.user)
    kernel.drop_capabilities()
    # Not before: who changes identity loses it.
    kernel.prctl(kernel.PDEATHSIG, 9)
    kernel.prctl(kernel.DUMPABLE, 0)
    stay(options, command, ending, lambda: {"TMPDIR": "/tmp"})


def enter(folder):
    try:
        os.chdir(folder)
    except OSError as error:
        raise OSError(f"the folder that it starts in is hidden from it: {folder}") from error


def stay(options, command, ending, prepare):
    """Starts the command with what `prepare` gives, waits for its end, tells it, and ends."""
    child = os.fork()
    if child == 0:
        if options.note is not None and options.note > 2:
            os.set_inheritable(options.note, False)
        guarded(options, lambda: start(options, command, prepare()))
    close_all_but(ending)
    gone = 0
    while gone != child:
        gone, status = os.waitpid(-1, 0)
    os.write(ending, status.to_bytes(4, "little"))
    os._exit(0)


def start(options, command, variables):
    """Becomes the command; if there is none, it was only to be seen whether it could."""
    if not command:
        os._exit(0)
    try:
        os.execve(command[0], command, dict(os.environ, **variables))
    except OSError as error:
        text = f"{command[0]} could not be started: {error.strerror}"
        note(options, "environment", text)
        os._exit(NO_PROGRAM)


def watch(first, ended, options, lifeline, disks):
    """Waits for the end of the sandbox. Gives the status that the command in it ended with."""
    lifelines = [] if lifeline is None else [lifeline]
    while True:
        ready = select.select([ended, *lifelines], [], [], 0.5)[0]
        if ended in ready:
            break
        if ready:
            os.kill(first, 9)
            break
        if any(disk.is_filled() for disk in disks):
            os.kill(first, 9)
            note(options, "load-failed", "It filled the disk, so it was ended.")
            break
    status = os.read(ended, 4)
    _, own = os.waitpid(first, 0)
    return int.from_bytes(status, "little") if len(status) == 4 else own


def end_like(status):
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else NO_ROOM)


# --- Which ways work ----------------------------------------------------------------------------


def attempt(way, words):
    """Makes a sandbox by that way with nothing to do in it. Says why not, else nothing."""
    said, saying = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(saying, 2)
        os.close(said)
        os.set_inheritable(saying, False)
        words = [*words, "write=/tmp", "note=2"]
        options = Options(words)
        guarded(options, lambda: go(way, options, words, []))
    os.close(saying)
    text = b""
    for part in iter(lambda: os.read(said, 4096), b""):
        text += part
    _, status = os.waitpid(child, 0)
    if status == 0:
        return ""
    lines = text.decode("utf-8", "replace").strip().split("\n")
    return lines[0].replace("environment The sandbox for it could not be made: ", "") or str(status)


def main(words):
    # Nothing that somebody forgot to close is the command's.
    os.closerange(DESCRIPTORS, 1024)
    if words[0] == "try":
        split = words.index("--")
        for way in words[split + 1 :]:
            problem = attempt(way, words[1:split])
            print(f"{way}\t{problem}")
            if not problem:
                break
        return
    split = words.index("--")
    way, options, command = words[0], Options(words[1:split]), words[split + 1 :]
    guarded(options, lambda: go(way, options, words[1:split], command))


def go(way, options, words, command):
    """Runs the command, and ends as it ended."""
    if way in ("landlock", "limits"):
        end_like(run_by_rules(way, options, command))
    if way in ("root", "user"):
        end_like(run(way, options, command))
    import sudo

    if way == "sudo":
        end_like(sudo.borrow(options, words, command))
    lifeline = sudo.serve()
    status = run("root", options, command, lifeline)
    lifeline.send(status.to_bytes(4, "little"))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
