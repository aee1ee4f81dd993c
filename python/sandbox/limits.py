"""How much a load may use of the machine: memory, processes, and what it writes to a disk."""

import os
import resource

import syscalls as kernel

GIB = 1 << 30


def limit(options, namespace=False):
    """More than a load of ten thousand models in a worker per core needs, and less than the machine."""

    def at_most(which, value):
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = os.cpu_count() or 1
    # A library's threads times a worker's processes, both one per core.
    processes = 1024 + 2 * cores * cores
    at_most(resource.RLIMIT_CORE, 0)
    at_most(resource.RLIMIT_FSIZE, 2 * GIB)
    at_most(resource.RLIMIT_DATA, max(memory, 8 * GIB))
    with open("/proc/loadavg") as stream:
        running = int(stream.read().split()[3].split("/")[1])
    at_most(resource.RLIMIT_NPROC, running + processes)
    if namespace and options.user == 0 and counts_by_namespace():
        # User 0 has no limit of processes; since Linux 6.14 its namespace has one.
        set_most_processes(processes)


def counts_by_namespace():
    numbers = os.uname().release.split("-")[0].split(".")
    return [int(number) for number in numbers[:2] if number.isdigit()] >= [6, 14]


def set_most_processes(count):
    # /proc is read-only here, and it is the one mounted last that shows this namespace.
    place = "/dev/shm/proc"
    os.mkdir(place)
    kernel.mount("proc", place, kernel.NOSUID | kernel.NODEV | kernel.NOEXEC)
    with open(place + "/sys/kernel/pid_max", "w") as stream:
        stream.write(str(count))
    kernel.check(kernel.libc.umount2(place.encode(), 2), "umount")
    os.rmdir(place)


class Disk:
    """How much of a disk was free, and when too much of that is gone."""

    def __init__(self, path):
        self.folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        space, files = self.free()
        self.least_space = max(space - 16 * GIB, min(GIB, space // 4))
        self.least_files = max(files - 2000000, files // 4)

    def free(self):
        found = os.fstatvfs(self.folder)
        return found.f_bavail * found.f_frsize, found.f_favail

    def is_filled(self):
        space, files = self.free()
        return space < self.least_space or files < self.least_files
