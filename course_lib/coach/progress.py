"""The reader's progress: what was attempted, predicted and answered, kept in their data folder.

One table of events in an SQLite file; everything shown is worked out from it. Two notebooks may write at
once, and a process that is killed loses at most what it was about to write. Under pytest, nbval and nbgrader,
or with `COURSE_PROGRESS=off`, events stay in memory.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

from sqlalchemy import delete, event, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from course_lib.coach.exercise import Lesson
from course_lib.coach.library import all_lessons
from course_lib.paths import CourseError, data_home
from course_lib.patterns import make_engine, make_session_factory

Kind = Literal["attempt", "hint", "solution", "prediction", "quiz", "recall"]
T = TypeVar("T")
FILE = "progress.db"


class _Base(DeclarativeBase):
    """Apart from the course's other models, so that no `create_all` of theirs makes this table."""


class Event(_Base):
    """Something the reader did. subject: id of an exercise or question; result: an outcome, or the choice."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[str]
    kind: Mapped[str]
    lesson: Mapped[str]
    subject: Mapped[str]
    result: Mapped[str]
    right: Mapped[bool | None]
    step: Mapped[str]


@dataclass(frozen=True)
class LessonProgress:
    """How far a reader is in a lesson: core exercises passed, all, and stretch ones passed."""

    lesson: str
    number: str
    title: str
    core_done: int
    core_total: int
    more_done: int
    more_total: int
    achieved: tuple[str, ...]
    quiz_done: bool = False
    hard: tuple[str, ...] = ()
    """Titles of exercises that took three attempts or more, or whose solution was looked at first."""
    following: str = ""
    """Title of the first core exercise that is open; "" when all have passed."""

    @property
    def finished(self) -> bool:
        """All core exercises passed; in a lesson without exercises, all of its quiz answered."""
        return self.core_done == self.core_total and (self.core_total > 0 or self.quiz_done)


@dataclass(frozen=True)
class ResumePoint:
    """Where to go on: a lesson, its notebook, and the step (0 when not known).

    after: the title of the lesson that the reader was in last and has finished, when this is the one to come
    next; "" while it is the lesson they were in.
    """

    lesson: str
    notebook: str
    title: str
    step: int
    after: str = ""


class _Store:
    """Events in the file; in memory when that is asked for, or from the moment the file cannot be used."""

    def __init__(self) -> None:
        self.memory: list[Event] = []
        self.said: str | None = None

    def run(self, work: Callable[[AsyncSession], Awaitable[T]], aside: Callable[[], T]) -> T:
        """Do `work` on the file, or `aside` in memory. May be called where a loop runs."""
        if self.said is not None or kept_in_memory():
            return aside()
        try:
            path = data_home() / FILE
            # A loop of its own in a thread of its own: an engine belongs to one loop, and the notebook's is
            # not ours.
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(asyncio.run, _in_file(path, work)).result()
        except (SQLAlchemyError, OSError, CourseError) as error:
            self.said = _trouble(error)
            print(self.said, file=sys.stderr)
            return aside()


_store = _Store()


def kept_in_memory() -> bool:
    """Tell whether progress is not to be written: under pytest, nbval or nbgrader, or when switched off."""
    return (
        os.environ.get("COURSE_PROGRESS", "").lower() == "off"
        or "PYTEST_VERSION" in os.environ
        or "NBGRADER_EXECUTION" in os.environ
    )


def record(kind: Kind, lesson: str, subject: str, result: str, right: bool | None, step: str = "") -> None:
    """Write down what was done. When the file cannot be used, say so once and go on in memory."""
    values = {
        "kind": kind,
        "lesson": lesson,
        "subject": subject,
        "result": result,
        "right": right,
        "step": step,
    }
    now = datetime.now(UTC).isoformat(timespec="seconds")

    async def write(session: AsyncSession) -> None:
        session.add(Event(at=now, **values))
        await session.commit()

    _store.run(write, lambda: _store.memory.append(Event(at=now, **values)))


def events(subject: str | None = None) -> list[Event]:
    """Give all events in order, or those of one exercise or question."""

    async def read(session: AsyncSession) -> list[Event]:
        query = select(Event).order_by(Event.id)
        return list(
            await session.scalars(query if subject is None else query.where(Event.subject == subject))
        )

    return _store.run(read, lambda: [each for each in _store.memory if subject in (None, each.subject)])


def attempted(exercise_id: str) -> bool:
    """Tell whether there was an honest attempt: a check of something that was written."""
    return any(each.kind == "attempt" and each.result != "not attempted" for each in events(exercise_id))


def hints_seen(exercise_id: str) -> int:
    """Give how many hints were asked for."""
    return sum(each.kind == "hint" for each in events(exercise_id))


def summary() -> list[LessonProgress]:
    """Give the progress in every lesson, in order."""
    past = events()
    return [in_lesson(lesson, past) for lesson in all_lessons()]


def in_lesson(lesson: Lesson, past: Iterable[Event] | None = None) -> LessonProgress:
    """Give the progress in one lesson, from these events; None for all that are kept."""
    past = events() if past is None else list(past)
    passed = {each.subject for each in past if each.kind == "attempt" and each.right}
    answered = {each.subject for each in past if each.kind == "quiz"}
    hard = _hard(past)
    core = [each for each in lesson.exercises if each.core]
    more = [each for each in lesson.exercises if not each.core]
    return LessonProgress(
        lesson.id,
        lesson.number,
        lesson.title,
        sum(each.id in passed for each in core),
        len(core),
        sum(each.id in passed for each in more),
        len(more),
        tuple(each.achieved for each in lesson.exercises if each.id in passed and each.achieved),
        answered >= {f"{lesson.id}/{each.id}" for each in lesson.quiz},
        tuple(each.title for each in lesson.exercises if each.id in hard),
        next((each.title for each in core if each.id not in passed), ""),
    )


def _hard(past: Iterable[Event]) -> set[str]:
    failed: Counter[str] = Counter()
    done, hard = set(), set()
    for each in past:
        if each.kind == "attempt" and each.right:
            done.add(each.subject)
        elif each.subject not in done and each.kind in ("attempt", "solution"):
            if each.result != "not attempted":
                failed[each.subject] += 3 if each.kind == "solution" else 1
            if failed[each.subject] >= 3:
                hard.add(each.subject)
    return hard


def resume_point() -> ResumePoint | None:
    """Give where the reader was last, or the next open lesson when that one is finished; None before the
    first event.
    """
    lessons = {lesson.id: lesson for lesson in all_lessons()}
    last = next((each for each in reversed(events()) if each.lesson in lessons), None)
    if last is None:
        return None
    here = lessons[last.lesson]
    done = [each.lesson for each in summary() if each.finished]
    if here.id in done:
        order = list(lessons)
        place = order.index(here.id)
        for lesson in map(lessons.__getitem__, order[place + 1 :] + order[:place]):
            if lesson.id not in done:
                return ResumePoint(lesson.id, lesson.notebook, lesson.title, 0, here.title)
    where, _, step = last.step.partition("/")
    known = where == here.id and step.isdigit()
    return ResumePoint(here.id, here.notebook, here.title, int(step) if known else 0)


def reset(which: str | None = None) -> int:
    """Forget one exercise ("lazy-loading/order-days"), one lesson ("lazy-loading"), or everything (None).

    Gives how many events were forgotten. A damaged file is put aside when everything is forgotten, so that
    the next event begins a new one.

    Raises:
        CourseError: the file cannot be used, and only a part of it was to be forgotten.
    """
    _store.said = None

    async def forget(session: AsyncSession) -> int:
        query = delete(Event).returning(Event.id)
        if which is not None:
            query = query.where(or_(Event.subject == which, Event.lesson == which))
        gone = len((await session.scalars(query)).all())
        await session.commit()
        return gone

    def forget_aside() -> int:
        kept = [each for each in _store.memory if which not in (None, each.subject, each.lesson)]
        gone, _store.memory = len(_store.memory) - len(kept), kept
        return gone

    gone = _store.run(forget, forget_aside)
    if _store.said is None:
        return gone
    if which is not None:
        raise CourseError(_store.said)
    _put_aside()
    _store.said = None
    return gone


def _put_aside() -> None:
    path = data_home() / FILE
    try:
        path.replace(path.with_name(f"{FILE}.damaged"))
        for ending in ("-wal", "-shm"):
            path.with_name(FILE + ending).unlink(missing_ok=True)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise CourseError(_trouble(error)) from error


def _trouble(error: BaseException) -> str:
    if isinstance(error, CourseError):
        return str(error)
    reason = getattr(error, "orig", None) or getattr(error, "strerror", None) or type(error).__name__
    return (
        f"Your progress cannot be saved ({reason}: the file {FILE} in the course's data folder). "
        "Checks work as ever, but what you do now is forgotten when the kernel ends. "
        "If the file is damaged, begin a new one with: course reset --all"
    )


async def _in_file(path: Path, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    engine = make_engine(f"sqlite+aiosqlite:///{path}", poolclass=NullPool, connect_args={"timeout": 10})
    event.listen(engine.sync_engine, "connect", _prepare)
    try:
        async with make_session_factory(engine)() as session:
            await _create(engine, session)
            return await work(session)
    finally:
        await engine.dispose()


def _prepare(connection: object, entry: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


async def _create(engine: AsyncEngine, session: AsyncSession) -> None:
    # Two notebooks may begin the file at the same time; `create_all` looks first and then creates.
    if not await session.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'events'")):
        await session.rollback()
        await session.execute(CreateTable(Event.__table__, if_not_exists=True))  # type: ignore[arg-type]
        await session.commit()
    else:
        await session.rollback()
