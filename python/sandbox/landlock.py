"""Rules of the kernel for one process and all that come of it, where namespaces are forbidden (most containers).

Landlock says which files may be read and written, and keeps processes outside from being looked into;
seccomp takes away sockets, and calls that go around the rules. Both can be had by anybody, and are for life.
"""

import ctypes
import os

import syscalls as kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE = 1, 2, 4, 8, 1 << 14
READ = EXECUTE | READ_FILE | READ_DIR
# What can be allowed on a file; the rest is about folders. The last is about devices.
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | 1 << 15
DEVICES = ("null", "zero", "full", "random", "urandom")


def rules(options):
    """Confines this process, and gives the folder that it may use for temporary files."""
    version = kernel.syscall(CREATE_RULESET, 0, 0, 1)
    every = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    network = 0 if options.network or version < 4 else 3
    # From version 6 on: no abstract sockets and no signals beyond those that are under the same rules.
    scoped = 3 if version >= 6 else 0
    attributes = (ctypes.c_uint64 * 3)(every, network, scoped)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = kernel.syscall(CREATE_RULESET, ctypes.byref(attributes), size, 0)
    tmp = options.tmp
    if tmp is None and options.write:
        tmp = os.path.join(options.write[0], "tmp")
        os.makedirs(tmp, exist_ok=True)
    for path, rights in allowed(options, every):
        allow(ruleset, path, rights)
    kernel.prctl(kernel.NO_NEW_PRIVS, 1)
    kernel.syscall(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    filter_calls(options.network)
    return tmp


def allowed(options, every):
    """What may be read, which is all but what is hidden; and what may be written.

    Where a part of a folder is hidden, the rules are on the other parts, and nothing can be added to it.
    """
    shown = [path for path in options.show if os.path.exists(path)]
    kept = options.hide + ["/tmp", "/dev"]
    for path in readable("/", kept):
        yield path, READ
    for path in shown:
        for inside in readable(path, [one for one in kept if one != path]):
            yield inside, READ
    for path in [*options.write, *([options.tmp] if options.tmp else []), "/dev/shm"]:
        hidden = [one for one in options.hide if is_inside(one, path) and one != path]
        for inside in readable(path, hidden):
            yield inside, every
    for name in DEVICES:
        yield "/dev/" + name, READ_FILE | WRITE_FILE


def is_inside(path, folder):
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def readable(path, hidden):
    """The fewest folders and files that hold all of `path` but what is hidden."""
    if path in hidden:
        return
    if not any(is_inside(one, path) for one in hidden):
        yield path
        return
    try:
        entries = list(os.scandir(path))
    except OSError:
        return
    for entry in entries:
        # A rule on a link would be one on what it leads to.
        if not entry.is_symlink():
            yield from readable(entry.path, hidden)


def allow(ruleset, path, rights):
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return  # It has gone, or is not for this user: then no rule is needed.
    if not os.path.isdir(f"/proc/self/fd/{place}"):
        rights &= ON_FILES
    # struct landlock_path_beneath_attr is packed: 8 bytes of rights, 4 of the descriptor.
    rule = ctypes.create_string_buffer(rights.to_bytes(8, "little") + place.to_bytes(4, "little"))
    kernel.syscall(ADD_RULE, ruleset, 1, ctypes.byref(rule), 0)
    os.close(place)


# --- Calls that are taken away ------------------------------------------------------------------

# By machine: its number in the filter's data, `socket`, and what looks into others or around rules:
# ptrace, process_vm_readv, process_vm_writev, io_uring_setup, pidfd_getfd.
MACHINES = {
    "x86_64": (0xC000003E, 41, (101, 310, 311, 425, 438)),
    "aarch64": (0xC00000B7, 198, (117, 270, 271, 425, 438)),
}
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
# Where the number of the call, the machine and the first argument are.
NUMBER, MACHINE, FIRST = 0, 4, 16
INTERNET = (2, 10, 16)


def filter_calls(network):
    if os.uname().machine not in MACHINES:
        raise OSError(f"no filter is known for {os.uname().machine}")
    machine, socket, refused = MACHINES[os.uname().machine]
    domains = INTERNET if network else ()
    program = [(LOAD, 0, 0, MACHINE), (EQUAL, 1, 0, machine), (RETURN, 0, 0, REFUSE)]
    # Above are the calls of another interface (x32), with other numbers.
    program += [(LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, REFUSE)]
    for number in refused:
        program += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    # A pair of sockets is another call; only what reaches somebody else is refused.
    program += [(EQUAL, 0, 2 * len(domains) + 2, socket), (LOAD, 0, 0, FIRST)]
    for domain in domains:
        program += [(EQUAL, 0, 1, domain), (RETURN, 0, 0, ALLOW)]
    program += [(RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    install(program)


def install(program):
    class Filter(ctypes.Structure):
        _fields_ = [
            ("code", ctypes.c_uint16),
            ("yes", ctypes.c_uint8),
            ("no", ctypes.c_uint8),
            ("value", ctypes.c_uint32),
        ]

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_uint16), ("filters", ctypes.POINTER(Filter))]

    filters = (Filter * len(program))(*[Filter(*line) for line in program])
    whole = Program(len(program), filters)
    address = ctypes.addressof(whole)
    kernel.prctl(22, 2, address)
