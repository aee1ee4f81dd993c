"""Has a sandbox made by the superuser for a user who may use sudo: sandbox.py's way `sudo`.

sudo hands on nothing but the three standard streams, and a user can end no process of sudo's. So this
process gives its descriptors and variables to the other side through a socket that is the other's standard
input; and when this process ends, the socket does, and the sandbox with it.
"""

import _socket
import os
import sys

# Not looked for on PATH, which may lead to what a pull request installed.
SUDO = "/usr/bin/sudo"
DESCRIPTORS = range(6)
STATUS = 4


def borrow(options, words, command):
    """Runs `sandbox.py served` by sudo, lets it have what belongs to the command, and gives its status."""
    present = [number for number in DESCRIPTORS if is_open(number)]
    mine, theirs = [moved_away(end) for end in _socket.socketpair()]
    child = os.fork()
    if child == 0:
        os.dup2(theirs.fileno(), 0)
        # What sudo itself says is no answer to anything.
        os.dup2(2, 1)
        sandbox = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sandbox.py")
        line = [
            options.sudo or SUDO,
            "-n",
            "--",
            sys.executable,
            "-I",
            "-S",
            "-B",
            sandbox,
            "served",
        ]
        identity = [f"uid={options.user}", f"gid={options.group}"]
        try:
            os.execv(line[0], [*line, *words, *identity, "--", *command])
        finally:
            os._exit(127)
    theirs.close()
    send_all(mine, present)
    status = mine.recv(STATUS)
    os.waitpid(child, 0)
    if len(status) < STATUS:
        raise OSError("sudo did not start it")
    return int.from_bytes(status, "little")


def moved_away(end):
    """The same socket with a number that is no command's."""
    number = os.dup2(end.fileno(), 90 + end.fileno(), inheritable=False)
    end.close()
    return _socket.socket(fileno=number)


def send_all(socket, present):
    variables = [name + b"=" + value for name, value in os.environb.items()]
    text = b"\0".join([b" ".join(b"%d" % number for number in present), *variables])
    rights = b"".join(number.to_bytes(4, sys.byteorder) for number in present)
    try:
        length = len(text).to_bytes(8, "little")
        socket.sendmsg([length], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
        socket.sendall(text)
    except OSError:
        pass  # Whoever does not listen has not started, which is told by the missing status.


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def serve():
    """The other side: takes descriptors and variables. Gives the socket that means life, and status."""
    # Out of the way of what is to come.
    socket = _socket.socket(fileno=os.dup2(0, 99, inheritable=False))
    length, ancillary, _, _ = socket.recvmsg(8, _socket.CMSG_SPACE(4 * len(DESCRIPTORS)))
    rights = ancillary[0][2]
    received = [
        int.from_bytes(rights[at : at + 4], sys.byteorder) for at in range(0, len(rights), 4)
    ]
    text = b""
    while len(text) < int.from_bytes(length, "little"):
        text += socket.recv(1 << 16)
    first, *variables = text.split(b"\0")
    numbers = [int(number) for number in first.split()]
    os.environb.clear()
    for variable in variables:
        name, _, value = variable.partition(b"=")
        os.environb[name] = value
    # Numbers that are free could be among those that were received.
    spare = [os.dup2(number, 100 + number) for number in received]
    for number in DESCRIPTORS:
        if number in numbers:
            os.dup2(spare[numbers.index(number)], number)
        elif is_open(number) and number > 2:
            os.close(number)
    for number in [*received, *spare]:
        if number not in DESCRIPTORS:
            os.close(number)
    return socket
