"""The building blocks a lesson module is written with: requirements, exercises, questions, a lesson.

Plain declarations. What runs a check is in `lab.py`, `runner.py` and `grade.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from zlib import crc32

from course_lib.coach.lab import Lab as Lab
from course_lib.coach.sentinel import NotAttempted as NotAttempted
from course_lib.coach.sentinel import not_attempted as not_attempted

if TYPE_CHECKING:
    from course_lib.sandbox import Backend


@dataclass(frozen=True)
class Requirement:
    """One thing an answer must do, and what it shows when it does not.

    text: what was asked, as a sentence of the contract ("Sends at most 2 + N // 500 statements.").
    misconception: the belief behind breaking it ("That a relationship is loaded with its parent.").
    step: where it was taught, lesson id and step number, such as "lazy-loading/2".
    """

    text: str
    misconception: str
    step: str


class Exercise:
    """One exercise: subclass it, set the attributes, write `check`.

    A check calls the answer through `lab.call` and records what it finds with `lab.expect`, `lab.same` or
    `lab.read`; it goes on after a breach, so that the verdict names everything that broke and nothing else.
    It never reads the answer's source.
    """

    id: ClassVar[str]
    """"lesson-id/exercise-name", such as "lazy-loading/users-with-orders"."""
    title: ClassVar[str]
    defines: ClassVar[str]
    """Name of the function or class the reader writes."""
    core: ClassVar[bool] = True
    """Three core exercises a lesson make its progress bar; the others are stretch exercises."""
    minutes: ClassVar[int] = 5
    achieved: ClassVar[str] = ""
    """What the reader can now do, to follow "You can now ..."."""
    backends: ClassVar[tuple[Backend, ...]] = ("sqlite", "postgresql")
    users: ClassVar[tuple[int, ...]] = (0, 1, 7)
    """Databases made ready before the check, one for each entry: to open a size twice, list it twice."""
    seconds: ClassVar[float] = 20.0
    """Wall-clock limit for one backend. The limit on CPU time is a tenth of it."""
    requirements: ClassVar[Mapping[str, Requirement]] = {}
    hints: ClassVar[tuple[str, ...]] = ()
    """Three, from a nudge to nearly there."""
    afterword: ClassVar[str] = ""
    """Explains the worked solution."""
    another: ClassVar[str] = ""
    """The code of another right answer, to compare."""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Run `answer` in the lab and record which requirements break. Runs once for each backend."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The name under which `exercises(...)` offers it: "users_with_orders"."""
        return self.id.partition("/")[2].replace("-", "_")

    @property
    def lesson_id(self) -> str:
        return self.id.partition("/")[0]


@dataclass(frozen=True)
class Choice:
    """One choice of a question, and the reply the reader gets for it."""

    text: str
    reply: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A prediction, quiz or recall question. id: "lazy-loading/what-is-sent"; step: "lazy-loading/2"."""

    id: str
    text: str
    choices: tuple[Choice, ...]
    step: str

    def mixed(self) -> tuple[Choice, ...]:
        """The choices in an order of their own, so that the place of the right one tells nothing.

        The same for everybody and at every time. Authors may write the right one first.
        """
        return tuple(sorted(self.choices, key=lambda choice: crc32(f"{choice.text}/{self.id}".encode())))


@dataclass(frozen=True)
class Lesson:
    """Everything about a lesson that is not in its notebook."""

    id: str
    """"lazy-loading": no number, so that lessons can move."""
    number: str
    """"09"."""
    notebook: str
    """"09_lazy_loading", without a folder or ending."""
    title: str
    promise: str
    minutes: int
    exercise_minutes: int
    objectives: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    recall: tuple[Question, ...] = ()
    """Two: one from the lesson before, one from an older one."""
    predictions: tuple[Question, ...] = ()
    quiz: tuple[Question, ...] = ()
    cheat: tuple[str, ...] = ()
    terms: Mapping[str, str] = field(default_factory=dict)
