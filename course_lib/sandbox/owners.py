"""Who holds a database: a process, recognizable even after its number was given to another one."""

import functools
import hashlib
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil

# Start times are read off a clock that may be corrected a little; pids return far more slowly.
SAME_START = 30.0


@dataclass(frozen=True)
class Owner:
    """A process: its machine, its pid and the second it started (since the epoch)."""

    host: str
    pid: int
    started: float

    @classmethod
    def me(cls) -> "Owner":
        """Give the running process."""
        return _owner(os.getpid())

    @property
    def here(self) -> bool:
        """Whether the process runs (or ran) on this machine, where it can be looked up."""
        return self.host == _host()

    def alive(self) -> bool:
        """Tell whether the process still runs; of another machine's process it says yes."""
        if not self.here:
            return True
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return abs(process.create_time() - self.started) < SAME_START
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:
            return True


@functools.lru_cache(maxsize=4)
def _owner(pid: int) -> Owner:
    return Owner(_host(), pid, psutil.Process(pid).create_time())


@functools.lru_cache(maxsize=1)
def _host() -> str:
    # Two containers may share a database or a temp folder, and both have a process 7.
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:10]
