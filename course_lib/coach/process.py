"""A process with an answer in it, seen from outside: started, listened to, ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

CAN_FORK = hasattr(os, "fork")
PULSE = 0.2
"""Seconds after which a waiting loop is woken up."""

_ROOT = Path(__file__).resolve().parents[2]


class Process:
    """One running answer. Messages come from a thread, so that the notebook's loop never waits for it."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._first: list[dict[str, Any] | None] = []
        self._loop = asyncio.get_running_loop()
        self._ended: int | None = None
        self.started = False
        """Whether the course's own code was loaded in it, so that the answer's turn has come."""
        self._pid = 0
        self._popen: subprocess.Popen[bytes] | None = None

    @classmethod
    def fork(cls, run: Callable[[int, int], None]) -> Process:
        """Fork this process and call `run(report, output)` in the child, with two file descriptors."""
        process = cls(tempfile.TemporaryFile())  # noqa: SIM115 - closed by close()
        read, write = os.pipe()
        with warnings.catch_warnings():
            # Newer Pythons warn of a fork beside threads. The child starts a loop of its own and uses no lock
            # of theirs.
            warnings.simplefilter("ignore", DeprecationWarning)
            process._pid = os.fork()
        if process._pid == 0:
            try:
                os.close(read)
                run(write, process._output.fileno())
            finally:
                os._exit(1)
        os.close(write)
        process._listen(os.fdopen(read, "rb"))
        return process

    @classmethod
    def start(cls, request: dict[str, Any]) -> Process:
        """Start a fresh Python with the runner and hand it a request."""
        process = cls(tempfile.TemporaryFile())  # noqa: SIM115 - closed by close()
        process._popen = subprocess.Popen(
            [sys.executable, "-c", "from course_lib.coach.runner import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=process._output,
            cwd=_ROOT,
            start_new_session=True,
        )
        process._pid = process._popen.pid
        assert process._popen.stdin is not None and process._popen.stdout is not None
        with contextlib.suppress(BrokenPipeError), process._popen.stdin as stdin:
            stdin.write(json.dumps(request).encode())
        process._listen(process._popen.stdout)
        return process

    def _listen(self, pipe: IO[bytes]) -> None:
        def listen() -> None:
            with contextlib.suppress(RuntimeError), pipe:  # RuntimeError: the loop is closed, nobody listens
                for line in pipe:
                    with contextlib.suppress(ValueError):
                        message = json.loads(line)
                        if "started" in message:
                            self.started = True
                        else:
                            self._loop.call_soon_threadsafe(self._messages.put_nowait, message)
                self._loop.call_soon_threadsafe(self._messages.put_nowait, None)

        threading.Thread(target=listen, name="answer", daemon=True).start()

    @property
    def forked(self) -> bool:
        return self._popen is None

    async def alive(self, seconds: float) -> bool:
        """Wait for the first message, or the end, for so long. False if nothing was heard."""
        try:
            async with asyncio.timeout(seconds):
                self._first.append(await self.message())
        except TimeoutError:
            return False
        return True

    async def message(self) -> dict[str, Any] | None:
        """Wait for the next message; None when the process has ended or closed its pipe."""
        while not self._first:
            # A kernel that is interrupted notices it only when its loop wakes up for something else.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PULSE):
                    self._first.append(await self._messages.get())
        return self._first.pop()

    def kill(self) -> int:
        """End the process and what it started. Gives its exit status; if negative, a signal ended it."""
        if self._ended is None:
            if self._popen is not None:
                _kill_group(self._pid)
                self._popen.kill()
                self._ended = self._popen.wait()
            else:
                done, status = self._wait(os.WNOHANG)
                if not done:
                    _kill_group(self._pid)
                    done, status = self._wait(0)
                self._ended = os.waitstatus_to_exitcode(status)
                _kill_group(self._pid)
        return self._ended

    def _wait(self, options: int) -> tuple[int, int]:
        try:
            return os.waitpid(self._pid, options)
        except ChildProcessError:  # somebody else has waited for it
            return self._pid, 0

    def printed(self) -> str:
        """Give what the answer has printed so far."""
        self._output.seek(0)
        return self._output.read(256 * 1024).decode("utf-8", "replace")

    def close(self) -> None:
        """End the process, if it still runs, and close what belonged to it."""
        self.kill()
        self._output.close()


def _kill_group(pid: int) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
