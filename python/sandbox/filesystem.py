"""What a sandbox looks like: the machine's files, read-only, with some hidden; devices, processes and /tmp of its own."""

import os

import syscalls as kernel

DEVICES = ("null", "zero", "full", "random", "urandom")


def furnish(options):
    """The machine's files, read-only, with some hidden; devices, processes and /tmp of its own."""
    kernel.make_private()
    devices = [(name, kernel.clone_tree("/dev/" + name)) for name in DEVICES]
    # Taken before anything is hidden or read-only, so that these are neither.
    written = [(path, kernel.clone_tree(path)) for path in options.write]
    shown = [(path, kernel.clone_tree(path)) for path in options.show if os.path.exists(path)]
    tmp = None if options.tmp is None else kernel.clone_tree(options.tmp)
    kernel.set_attributes("/", kernel.RDONLY | kernel.NOSUID | kernel.NODEV, recursive=True)
    own_devices(devices)
    kernel.mount("proc", "/proc", kernel.RDONLY | kernel.NOSUID | kernel.NODEV | kernel.NOEXEC)
    steps = [(path, "hide", None) for path in options.hide]
    steps += [(path, "show", tree) for path, tree in shown]
    steps += [(path, "write", tree) for path, tree in written]
    steps += [("/tmp", "tmp", tmp)]
    covers = []
    # From the root on, so that what is shown in a hidden folder is shown, and the reverse.
    for path, what, tree in sorted(steps, key=lambda step: (step[0].count("/"), step[0])):
        if what == "tmp":
            own_tmp(tree)
        elif what == "hide":
            covers += cover(path)
        else:
            make_place(path, tree)
            kernel.attach(tree, path)
            readonly = kernel.RDONLY if what == "show" else 0
            kernel.set_attributes(path, readonly | kernel.NOSUID | kernel.NODEV, recursive=True)
    for path in covers:
        kernel.set_attributes(path, kernel.RDONLY)


def own_devices(devices):
    small = kernel.NOSUID | kernel.NOEXEC
    kernel.mount("tmpfs", "/dev", small, "mode=755,size=64k")
    # What stands for a hidden file: it is there, and it is empty.
    make_file("/dev/empty")
    for name, tree in devices:
        make_file("/dev/" + name)
        kernel.attach(tree, "/dev/" + name)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink("/proc/self/fd" + target, "/dev/" + name)
    os.mkdir("/dev/shm")
    kernel.mount("tmpfs", "/dev/shm", small | kernel.NODEV, "mode=1777,size=256m")
    kernel.set_attributes("/dev", kernel.RDONLY)


def own_tmp(tree):
    if tree is None:
        flags = kernel.NOSUID | kernel.NODEV
        kernel.mount("tmpfs", "/tmp", flags, "mode=1777,size=1g,nr_inodes=100k")
    else:
        kernel.attach(tree, "/tmp")
        kernel.set_attributes("/tmp", kernel.NOSUID | kernel.NODEV, recursive=True)


def cover(path):
    """Hides a folder or a file; gives the covers that are still writable."""
    if os.path.isdir(path):
        kernel.mount(
            "tmpfs", path, kernel.NOSUID | kernel.NODEV | kernel.NOEXEC, "mode=755,size=1m"
        )
        return [path]
    if os.path.exists(path):
        kernel.attach(kernel.clone_tree("/dev/empty"), path)
    return []


def make_place(path, tree):
    """Where a folder above is covered, there has to be something to mount on again."""
    if os.path.exists(path):
        return
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    if os.path.isdir(f"/proc/self/fd/{tree}"):
        os.mkdir(path)
    else:
        make_file(path)


def make_file(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
