"""Is the server alive? A pid file alone is hearsay: the process and its port are asked."""

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

_seen: set[tuple[int, float, int]] = set()


@dataclass(frozen=True)
class PidFile:
    """What ``postmaster.pid`` claims; ``port`` is 0 while the server has not opened one."""

    pid: int
    port: int


def read_pid_file(data: Path) -> PidFile | None:
    """Read ``postmaster.pid`` of a data folder; None when there is none or it makes no sense."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
        # A server without clients (initdb's) writes its pid as a negative number.
        pid = abs(int(lines[0]))
        port = int(lines[3]) if len(lines) > 3 and lines[3].strip() else 0
    except (OSError, ValueError, IndexError):
        return None
    return PidFile(pid, port)


def serves(pid: int, data: Path) -> bool:
    """Tell whether a process is a running postgres on this data folder."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        return _same(_folder_of(process), data)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True  # a postgres of somebody we may not look at: leave it alone


def owns_port(pid: int, port: int) -> bool:
    """Tell whether a process listens on 127.0.0.1 at this port.

    A stale pid file together with a stranger on the port would hand the stranger our password.
    A postmaster keeps its port as long as it lives, so one that was seen with it is not asked again.
    """
    try:
        process = psutil.Process(pid)
        seen = (pid, process.create_time(), port)
        if seen not in _seen and _listens(process, port):
            _seen.add(seen)
        return seen in _seen
    except psutil.NoSuchProcess:
        return False


def _listens(process: psutil.Process, port: int) -> bool:
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return _listener_of(port) == process.uids().real
    return any(each.laddr and each.laddr.port == port and each.status == "LISTEN" for each in connections)


def crew(data: Path) -> list[psutil.Process]:
    """Give every postgres process working in this data folder.

    When the server is killed, its children need a moment to notice. Starting another server beside them
    would let two of them write the same files.
    """
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name().startswith("postgres") and _same(process.cwd(), data):
                found.append(process)
    return found


def _folder_of(process: psutil.Process) -> str:
    command = process.cmdline()
    if "-D" in command[:-1]:
        return command[command.index("-D") + 1]
    return process.cwd()


def _same(one: str, other: Path) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


def _listener_of(port: int) -> int | None:
    # In a container root may not look into another user's process; the kernel's table names the user.
    if not sys.platform.startswith("linux"):
        return None
    try:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    except OSError:
        return None
    for line in lines:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port:
            return int(fields[7])
    return None
