"""The one seam that carries every check: `await grade(exercise, answer)` gives a `Verdict`.

The notebook, the command line, nbgrader and the tests all call it. It knows no notebook, no progress, no
printing.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from course_lib.coach import sentences
from course_lib.coach.exercise import Exercise, NotAttempted
from course_lib.coach.library import find_exercise
from course_lib.coach.limits import shortened
from course_lib.coach.mistakes import COMMON
from course_lib.coach.process import CAN_FORK, Process
from course_lib.coach.runner import run_forked
from course_lib.coach.verdict import BACKEND_NAMES, Breach, Outcome, Verdict, both
from course_lib.paths import CourseError
from course_lib.sandbox import Backend, BackendUnavailable, Lease, lease

T = TypeVar("T")

FIRST_SIGN = 5.0
"""Seconds in which a forked process must reach its first case; else it is forked once more (see `_listen`).
"""

_WORST: tuple[Outcome, ...] = ("died", "out of time", "failed", "raised", "not attempted", "passed")


class CannotJudge(CourseError):
    """The exercise cannot be judged here: no backend can be had, or no process that judges."""


async def grade(
    exercise: Exercise | str,
    answer: Any,
    backends: str | Iterable[str] | None = None,
    *,
    filename: str = "answer.py",
) -> Verdict:
    """Judge an answer on the exercise's backends, in a process of its own for each.

    Args:
        exercise: the exercise, or its id.
        answer: the function or class (judged in a fork of this process; POSIX only), or the source of a
        module that defines it (judged in a fresh process, everywhere). backends: "sqlite", "postgresql",
        "both", or several names; None for all that the exercise is judged on. filename: the name by which
        messages speak of a source.

    Raises:
        CourseError: no such exercise or backend; or the check itself is at fault.
        CannotJudge: none of the backends can be had (in CI: one of them); or the process that was to run
            the answer ended before its turn came.
    """
    if isinstance(exercise, str):
        exercise = find_exercise(exercise)
    began = time.monotonic()
    wanted = _wanted(exercise, backends)
    if (early := _at_a_glance(exercise, answer)) is not None:
        return early
    async with _Databases(exercise, wanted) as databases:
        if not databases.held:
            raise CannotJudge(
                f"{exercise.name} is judged on {both(BACKEND_NAMES[each] for each in wanted)}, which cannot "
                "be had here. " + " ".join(databases.missing)
            )
        reports = await _judge(exercise, answer, databases.held, filename)
        notes = tuple(databases.notes())
    return _verdict(exercise, reports, notes, time.monotonic() - began)


async def grade_file(
    exercise_id: str, path: str | Path, backends: str | Iterable[str] | None = None
) -> Verdict:
    """Judge the answer in a Python file, as `course grade` does.

    Raises:
        CourseError: no such exercise or file; or see `grade`.
    """
    file = Path(path)
    try:
        source = await asyncio.to_thread(file.read_text, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(
            f"The answer in {file.name} cannot be read "
            f"({getattr(error, 'strerror', None) or 'it is not UTF-8 text'}). "
            "Nothing was judged. Give the path of a Python file that defines the function."
        ) from error
    return await grade(exercise_id, source, backends, filename=file.name)


def _wanted(exercise: Exercise, backends: str | Iterable[str] | None) -> tuple[Backend, ...]:
    if not exercise.users:
        return exercise.backends[:1]  # no database: once is enough
    if backends is None or backends == "both":
        return exercise.backends
    asked = (backends,) if isinstance(backends, str) else tuple(backends)
    for each in asked:
        if each not in BACKEND_NAMES:
            raise CourseError(f"There is no backend {each!r}. Choose sqlite, postgresql or both.")
    chosen = tuple(each for each in exercise.backends if each in asked)
    if not chosen:
        raise CannotJudge(
            f"{exercise.name} cannot be judged on {both(asked)}: it is about what happens on "
            f"{both(BACKEND_NAMES[each] for each in exercise.backends)} only. Ask for that backend, or for "
            "none by name."
        )
    return chosen


def _at_a_glance(exercise: Exercise, answer: Any) -> Verdict | None:
    """Give the verdict on what is no answer at all, without a process."""
    if isinstance(answer, NotAttempted) or answer is None:
        return Verdict(exercise.id, exercise.name, "not attempted", message=sentences.not_attempted(exercise))
    if callable(answer) or isinstance(answer, str):
        return None
    if inspect.iscoroutine(answer):
        answer.close()
    text, misconception, step = COMMON["common/called-already"]
    saw = f"it was given a {type(answer).__name__}: write check({exercise.defines}), with the name alone"
    breach = Breach("common/called-already", "", text, saw, "", misconception, step)
    return Verdict(exercise.id, exercise.name, "failed", (breach,))


class _Databases:
    """Leases on the prepared databases of a check. They are this process's, and go back whatever happens."""

    def __init__(self, exercise: Exercise, wanted: Sequence[Backend]) -> None:
        self._exercise = exercise
        self._wanted = wanted
        self._leases: list[Lease] = []
        self.held: dict[Backend, list[tuple[int, str]]] = {}
        self.missing: list[str] = []

    async def __aenter__(self) -> _Databases:
        try:
            await _together(*(self._take(backend) for backend in self._wanted))
        except BaseException:
            await self._release()
            raise
        self.held = {backend: self.held[backend] for backend in self._wanted if backend in self.held}
        return self

    async def _take(self, backend: Backend) -> None:
        async def one(users: int) -> tuple[int, str]:
            taken = await lease(backend, users)
            self._leases.append(taken)
            return users, taken.url

        # Every lease is waited for, also when one fails: each that was granted must be given back.
        taken = await asyncio.gather(*(one(users) for users in self._exercise.users), return_exceptions=True)
        errors = [each for each in taken if isinstance(each, BaseException)]
        if not errors:
            self.held[backend] = cast("list[tuple[int, str]]", taken)
        elif isinstance(errors[0], BackendUnavailable) and not os.environ.get("CI"):
            self.missing.append(str(errors[0]))
        else:
            raise errors[0]

    def notes(self) -> list[str]:
        """Say which backend the verdict does not speak for."""
        absent = [BACKEND_NAMES[each] for each in self._wanted if each not in self.held]
        return [f"Not judged on {both(absent)}. {' '.join(self.missing)}"] if absent else []

    async def __aexit__(self, *_: object) -> None:
        await asyncio.shield(asyncio.ensure_future(self._release()))

    async def _release(self) -> None:
        leases, self._leases = self._leases, []
        await asyncio.gather(*(each.release() for each in leases), return_exceptions=True)


@dataclass
class _Report:
    """What came out of one process."""

    backend: str
    outcome: Outcome
    broken: list[dict[str, str]] = field(default_factory=list)
    message: str = ""
    printed: str = ""
    gist: str = ""  # equal for messages that say the same; their SQL differs between backends


async def _judge(
    exercise: Exercise, answer: Any, databases: dict[Backend, list[tuple[int, str]]], filename: str
) -> list[_Report]:
    def begin(backend: Backend) -> Process:
        if not isinstance(answer, str):
            return Process.fork(partial(run_forked, exercise, answer, backend, databases[backend]))
        home = type(exercise).__module__
        return Process.start(
            {
                "exercise": exercise.id,
                "module": "" if home.startswith("course_lib.") else home,
                "source": answer,
                "filename": filename,
                "backend": backend,
                "databases": databases[backend],
            }
        )

    if not isinstance(answer, str) and not CAN_FORK:
        raise CannotJudge(
            "This system cannot copy a running notebook, so a function cannot be judged from inside it. "
            "Save the answer to a file and run: course grade"
        )
    # All are begun before any is listened to: no thread of ours is there yet when the second one forks.
    running = [(backend, begin(backend)) for backend in databases]
    return await _together(
        *(_listen(exercise, backend, process, partial(begin, backend)) for backend, process in running)
    )


async def _together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """Do all at once and give the results in order. One error ends the others, and comes out as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


async def _listen(
    exercise: Exercise, backend: str, process: Process, again: Callable[[], Process]
) -> _Report:
    """Wait for the report of a process, for its end or for the limit; then end it, whatever it is doing."""
    label, late, message = "", False, None
    try:
        if CAN_FORK and process.forked and not await process.alive(min(FIRST_SIGN, exercise.seconds)):
            # A fork copies the locks of other threads, SQLite's too. If one was held at that moment, the
            # child waits for ever, before it has done anything: rare, and mended by another fork.
            process.close()
            process = again()
        try:
            async with asyncio.timeout(exercise.seconds):
                while (message := await process.message()) is not None and "case" in message:
                    label = message["case"]
        except TimeoutError:
            late, message = True, None
        status = process.kill()
        output = process.printed()
    finally:
        process.close()
    where = f" ({label})" if label else ""
    if message is None and not process.started:
        raise CannotJudge(sentences.never_started(exercise, late, status, output))
    if message is not None:
        if "fault" in message:
            raise CourseError(
                f"The check of {exercise.id} is at fault, not your answer: {message['fault']}. Please "
                "report it."
            )
        return _Report(
            backend,
            message["outcome"],
            message["broken"],
            message["message"],
            shortened(output),
            message["gist"],
        )
    if late or status in (-24, -9) or (status < 0 and "most recent call first" in output):
        return _Report(backend, "out of time", [], sentences.out_of_time(exercise, late, where, output), "")
    return _Report(backend, "died", [], sentences.died(status, where), shortened(output))


def _verdict(
    exercise: Exercise, reports: Sequence[_Report], notes: tuple[str, ...], seconds: float
) -> Verdict:
    worst = min(reports, key=lambda report: _WORST.index(report.outcome))
    outcome = worst.outcome
    broken = tuple(Breach(**breach) for report in reports for breach in report.broken)
    messages: dict[str, list[_Report]] = {}
    for report in reports:
        if report.message:
            messages.setdefault(report.gist or report.message, []).append(report)
    several = any(len(same) < len(reports) for same in messages.values())
    message = "\n".join(
        f"On {both(each.backend for each in same)}: {same[0].message}" if several else same[0].message
        for same in messages.values()
    )
    printed = dict.fromkeys(report.printed for report in reports if report.printed)
    return Verdict(
        exercise.id,
        exercise.name,
        outcome,
        broken,
        message or (sentences.not_attempted(exercise) if outcome == "not attempted" else ""),
        tuple(report.backend for report in reports) if exercise.users else (),
        seconds,
        notes,
        "\n".join(printed),
        exercise.achieved if outcome == "passed" else "",
    )


__all__ = ["CannotJudge", "grade", "grade_file"]
