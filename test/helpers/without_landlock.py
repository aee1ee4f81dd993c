"""Runs a command where the kernel has no Landlock: python3 without_landlock.py SRC/isolation COMMAND..."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import landlock
import syscalls

ENOSYS = 0x00050000 | 38

syscalls.prctl(syscalls.NO_NEW_PRIVS, 1)
landlock.install(
    [
        (landlock.LOAD, 0, 0, landlock.NUMBER),
        (landlock.EQUAL, 0, 1, landlock.CREATE_RULESET),
        (landlock.RETURN, 0, 0, ENOSYS),
        (landlock.RETURN, 0, 0, landlock.ALLOW),
    ]
)
os.execvp(sys.argv[2], sys.argv[2:])
