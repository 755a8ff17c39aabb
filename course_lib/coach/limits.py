"""Limits for the process of an answer: memory, CPU time, files, output; as far as a platform has them."""

from __future__ import annotations

import contextlib
import faulthandler
import io
import math
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

from course_lib.coach.describe import is_own

MEMORY = 2 * 1024**3
"""Bytes an answer may take beyond what its process had at the start."""
RESERVE = 256 * 1024**2
"""Bytes kept back to write the verdict after memory ran out."""
FILES = 256 * 1024**2
"""Bytes of the largest file an answer may write."""
PRINTED = 64 * 1024
"""Characters of what an answer prints that are kept."""

_TRACE = re.compile(r"(?:Current thread|Stack|Thread 0x).*\(most recent call first\):")
_FRAME = re.compile(r'File "(.+?)", line (\d+) in (\S+)')


def limit(seconds: float) -> None:
    """Limit this process: memory beyond its present use, `seconds` / 10 of CPU time, size of a file."""
    try:
        import resource
    except ImportError:  # Windows: the wall-clock limit of the parent is all there is
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = math.ceil(used.ru_utime + used.ru_stime + seconds / 10)
    _set(resource, resource.RLIMIT_CPU, spent, spent + 2)
    _set(resource, resource.RLIMIT_CORE, 0, 0)
    _set(resource, resource.RLIMIT_FSIZE, FILES, FILES)
    if (size := _memory()) is not None:
        _set(resource, resource.RLIMIT_AS, size + MEMORY, size + MEMORY + RESERVE)
    # If the notebook dies, nobody is left to end this process: an alarm without a handler does.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(math.ceil(seconds) + 10)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    faulthandler.register(signal.SIGXCPU, file=2, all_threads=False, chain=True)


def use_reserve() -> None:
    """Lift the limit on memory a little, so that a verdict can be written when it was reached."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _set(resource: Any, what: int, soft: int, hard: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        _, most = resource.getrlimit(what)
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.setrlimit(what, (soft, hard))


def _memory() -> int | None:
    """Bytes of address space in use; None where it cannot be known."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


class BoundedOutput(io.TextIOBase):
    """Stands for `sys.stdout` while an answer runs: keeps the first characters and drops the rest."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._left = PRINTED

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        kept = text[: self._left]
        if kept:
            self._left -= len(kept)
            os.write(self._descriptor, kept.encode("utf-8", "replace"))
        return len(text)


def capture_output(descriptor: int) -> None:
    """Send everything this process prints to the file `descriptor`, and give it nothing to read."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    output = BoundedOutput(1)
    sys.stdout = sys.stderr = output
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - stays open as long as the process lives


def shortened(output: str) -> str:
    """Give what was printed, without the trace that `limit` adds, cut in the middle when it is long."""
    text = _TRACE.split(output)[0].rstrip()
    return text if len(text) <= 2000 else f"{text[:1500]}\n[... more was printed ...]\n{text[-300:]}"


def last_line(output: str) -> str:
    """Give the last line of what a process said before it ended, without the paths of this machine; or ""."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return re.sub(r" ?\(?[\w.~-]*[/\\][^\s)]*\)?", "", lines[-1])[:200] if lines else ""


def stuck_at(output: str) -> str:
    """Give "line 3 of orders", the place in the reader's code where the limit on CPU time was met; or ""."""
    trace = _TRACE.split(output)
    frames = _FRAME.findall(trace[-1]) if len(trace) > 1 else []
    own = [(line, name) for file, line, name in frames if is_own(file)]
    name = next((name for _, name in own if not name.startswith("<")), "the cell")
    return f"line {own[0][0]} of {name}" if own else ""
