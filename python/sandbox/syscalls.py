"""The few calls of Linux that make a sandbox, as Python lacks them. Nothing but ctypes, for it starts fast."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)

NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x00020000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
# Mount attributes, as mount_setattr(2) has them; and flags, as mount(2) has them.
RDONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
MS_REC, MS_PRIVATE = 0x4000, 0x40000
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
# The same numbers on every architecture that Linux has gained them on.
OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442
PDEATHSIG, DUMPABLE, CAPBSET_DROP, CHILD_SUBREAPER, NO_NEW_PRIVS, CAP_AMBIENT = 1, 4, 24, 36, 38, 47


def check(result, what):
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number, *arguments):
    words = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return check(libc.syscall(ctypes.c_long(number), *words), f"system call {number}")


def unshare(flags):
    check(libc.unshare(flags), "unshare")


def prctl(option, *arguments):
    words = [ctypes.c_ulong(one) for one in arguments + (0,) * (4 - len(arguments))]
    check(libc.prctl(option, *words), f"prctl {option}")


def mount(kind, target, flags, data=""):
    words = [kind.encode(), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags)]
    check(libc.mount(*words, data.encode()), f"mount {kind} on {target}")


def make_private():
    """What is mounted here from now on is mounted nowhere else."""
    flags = ctypes.c_ulong(MS_REC | MS_PRIVATE)
    check(libc.mount(b"none", b"/", None, flags, None), "mount / private")


def clone_tree(path):
    """A mount of a folder or file and all below it, which is at no place yet, as a descriptor."""
    flags = 1 | os.O_CLOEXEC | AT_RECURSIVE
    return syscall(OPEN_TREE, AT_FDCWD, ctypes.c_char_p(os.fsencode(path)), flags)


def attach(tree, target):
    empty, place = ctypes.c_char_p(b""), ctypes.c_char_p(os.fsencode(target))
    syscall(MOVE_MOUNT, tree, empty, AT_FDCWD, place, 0x4)


def set_attributes(path, attributes, recursive=False):
    words = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    place = ctypes.c_char_p(os.fsencode(path))
    syscall(MOUNT_SETATTR, AT_FDCWD, place, flags, ctypes.byref(words), ctypes.sizeof(words))


def loopback_up():
    """A network namespace starts with nothing, not even with a loopback that works."""
    descriptor = check(libc.socket(2, 2 | os.O_CLOEXEC, 0), "socket")
    # struct ifreq: the name in 16 bytes, then the flags; IFF_UP is 1.
    request = ctypes.create_string_buffer(b"lo".ljust(16, b"\0") + b"\1\0", 40)
    check(libc.ioctl(descriptor, ctypes.c_ulong(0x8914), request), "loopback")
    os.close(descriptor)


def leave_no_capability_to_gain():
    """Neither by a program's file nor by being user 0."""
    prctl(CAP_AMBIENT, 4)
    with open("/proc/sys/kernel/cap_last_cap") as stream:
        last = int(stream.read())
    for capability in range(last + 1):
        prctl(CAPBSET_DROP, capability)
    prctl(NO_NEW_PRIVS, 1)


def drop_capabilities():
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    check(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
