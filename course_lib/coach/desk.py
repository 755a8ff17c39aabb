"""What a notebook works with: `exercises(...)` to check answers, `lesson(...)` for questions and progress."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

from course_lib.coach import progress
from course_lib.coach.exercise import Exercise, Lesson, Question
from course_lib.coach.grade import CannotJudge, grade
from course_lib.coach.library import find_lesson
from course_lib.coach.progress import Kind
from course_lib.coach.verdict import Verdict
from course_lib.lens.show import display, escape, panel
from course_lib.paths import CourseError, course_root

if TYPE_CHECKING:
    from course_lib.coach.widgets import Ask, Asks, Bar

_MARKERS = re.compile(r"^[ \t]*### (?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS)[^\n]*\n?", re.MULTILINE)


def exercises(lesson_id: str) -> ExerciseSet:
    """Give the exercises of a lesson: `ex = exercises("lazy-loading")`, then `await
    ex.order_days.check(...)`.

    Raises:
        CourseError: there is no such lesson.
    """
    return ExerciseSet(_lesson(lesson_id))


def lesson(lesson_id: str) -> LessonDesk:
    """Give the desk of a lesson: its predictions, quiz, recall questions and progress.

    Raises:
        CourseError: there is no such lesson.
    """
    return LessonDesk(_lesson(lesson_id))


def _lesson(lesson_id: str) -> Lesson:
    found = find_lesson(lesson_id)
    if found is None:
        raise CourseError(
            f"There is no lesson {lesson_id!r}. Ids are words joined by hyphens, without a number, such as "
            "lazy-loading. To see them, run: course exercises"
        )
    return found


@dataclass(frozen=True)
class Note:
    """A titled text for the reader, with code in it if need be."""

    title: str
    text: str = ""
    code: str = ""
    after: str = ""

    def __repr__(self) -> str:
        parts = (self.title, self.text, indent(self.code, "    "), self.after)
        return "\n".join(part for part in parts if part)

    def _repr_html_(self) -> str:
        body = f"<div>{escape(self.text)}</div>" if self.text else ""
        if self.code:
            body += f'<pre style="white-space:pre-wrap;margin:6px 0">{escape(self.code)}</pre>'
        if self.after:
            body += f'<div style="white-space:pre-wrap">{escape(self.after)}</div>'
        return panel(self.title, body)


class ExerciseSet:
    """The exercises of one lesson by name: `ex.users_with_orders`."""

    def __init__(self, lesson: Lesson) -> None:
        self._lesson = lesson
        self._bound = {each.name: BoundExercise(each, lesson) for each in lesson.exercises}

    def __getattr__(self, name: str) -> BoundExercise:
        try:
            return self.__dict__["_bound"][name]  # type: ignore[no-any-return]
        except KeyError:
            known = ", ".join(self.__dict__.get("_bound", ()))
            raise AttributeError(f"this lesson has no exercise {name!r}; it has: {known}") from None

    def __dir__(self) -> Iterable[str]:
        return list(self._bound)

    def __iter__(self) -> Iterator[BoundExercise]:
        return iter(self._bound.values())

    def __repr__(self) -> str:
        return f"Exercises of {self._lesson.title}: {', '.join(self._bound)}"


class BoundExercise:
    """One exercise as the reader meets it. `check`, `hint` and `solution` display and give nothing back."""

    def __init__(self, exercise: Exercise, lesson: Lesson) -> None:
        self.exercise = exercise
        self._lesson = lesson

    def __repr__(self) -> str:
        verbs = "await .check(answer), .hint(), .solution()"
        return f"Exercise {self.exercise.name}: {self.exercise.title}. {verbs}"

    async def check(self, answer: Any, backends: str | Iterable[str] | None = None) -> None:
        """Judge an answer, show the verdict and note it in your progress.

        Args:
            answer: the function (or class) itself, without parentheses.
            backends: "sqlite" or "postgresql" to judge on one only; by default on all the exercise is about.
        """
        try:
            verdict = await grade(self.exercise, answer, backends)
        except CannotJudge as error:
            display(Note(f"Not judged: {self.exercise.name}.", str(error)))
            return
        first = next(iter(verdict.broken), None)
        step = first.step if first else f"{self._lesson.id}/"
        await asyncio.to_thread(
            progress.record,
            "attempt",
            self._lesson.id,
            self.exercise.id,
            verdict.outcome,
            verdict.passed,
            step,
        )
        display(replace(verdict, onward=self._onward(verdict)))

    def hint(self) -> None:
        """Show the next hint. There are a few, from a nudge to nearly there."""
        hints = self.exercise.hints
        if not hints:
            display(Note(f"{self.exercise.name} has no hints."))
            return
        number = min(progress.hints_seen(self.exercise.id) + 1, len(hints))
        progress.record("hint", self._lesson.id, self.exercise.id, str(number), None)
        more = (
            "" if number < len(hints) else "That was the last hint. After an attempt, .solution() shows ours."
        )
        display(
            Note(f"Hint {number} of {len(hints)} for {self.exercise.name}", hints[number - 1], after=more)
        )

    def solution(self) -> None:
        """Show and explain the worked solution, once you have tried."""
        if not progress.attempted(self.exercise.id):
            display(
                Note(
                    f"Not yet: the solution of {self.exercise.name}.",
                    "It comes after an attempt, and helps most then: what you tried shows you what to look "
                    "for. "
                    "Write something, check it, and ask again. .hint() gives a nudge.",
                )
            )
            return
        code = worked_solution(self._lesson, self.exercise)
        progress.record("solution", self._lesson.id, self.exercise.id, "", None)
        display(Note(f"Solution of {self.exercise.name}", "", code, self.exercise.afterword))
        if self.exercise.another:
            display(Note("Another right answer, to compare", "", dedent(self.exercise.another).strip()))

    def reset(self) -> None:
        """Forget your attempts and hints of this exercise. Your code stays as it is."""
        progress.reset(self.exercise.id)
        display(Note(f"Forgotten: what you did in {self.exercise.name}. Your code is untouched."))

    def _onward(self, verdict: Verdict) -> str:
        if not verdict.passed:
            return (
                ""
                if verdict.outcome == "not attempted"
                else f"Stuck? ex.{self.exercise.name}.hint() gives a nudge."
            )
        names = [each.name for each in self._lesson.exercises]
        following = names[names.index(self.exercise.name) + 1 :]
        return f"Next: {following[0]}." if following else "That was this lesson's last exercise."


def worked_solution(lesson: Lesson, exercise: Exercise) -> str:
    """Give the code of the worked solution from the clone's `solutions/`, without its markers.

    Raises:
        CourseError: the notebook is not there or does not hold it.
    """
    path = course_root() / "solutions" / f"{lesson.notebook}.ipynb"
    starts = re.compile(
        rf"^(?:async def|def|class) {re.escape(exercise.defines)}\b|^{re.escape(exercise.defines)}\s*=", re.M
    )
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError) as error:
        raise CourseError(
            f"The solutions of this lesson cannot be read: solutions/{path.name} is missing or damaged. "
            "Your answers are safe. To get the file back, run in the clone: git checkout -- solutions"
        ) from error
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    for source in sources:
        if starts.search(source) and "BEGIN SOLUTION" in source:
            return _MARKERS.sub("", source).strip()
    raise CourseError(f"solutions/{path.name} holds no solution of {exercise.defines}. Please report it.")


class LessonDesk:
    """The questions of a lesson and the reader's progress in it. Each method gives something to display."""

    def __init__(self, lesson: Lesson) -> None:
        self._lesson = lesson

    def __repr__(self) -> str:
        ids = ", ".join(each.id for each in self._lesson.predictions)
        return f"Desk of {self._lesson.title}: predict({ids}), quiz(), recall(), progress()"

    def predict(self, question_id: str) -> Ask:
        """Ask what will happen, before the experiment. The choice is noted; the next cell gives the answer.

        Raises:
            CourseError: the lesson has no such prediction.
        """
        from course_lib.coach.widgets import Ask

        for question in self._lesson.predictions:
            if question_id in (question.id, question.id.rpartition("/")[2]):
                return Ask(self._lesson, question, "prediction")
        known = ", ".join(each.id for each in self._lesson.predictions)
        raise CourseError(f"This lesson has no prediction {question_id!r}. It has: {known}.")

    def quiz(self) -> Asks:
        """Ask the questions at the end of the lesson, each choice with a reply of its own."""
        return self._asks("Quiz", self._lesson.quiz, "quiz")

    def recall(self) -> Asks:
        """Ask about the last lesson and an older one, before this one begins."""
        return self._asks("Do you remember?", self._lesson.recall, "recall")

    def progress(self) -> Bar:
        """Show which core exercises of this lesson have passed, and what comes next."""
        from course_lib.coach.widgets import Bar

        return Bar(self._lesson)

    def _asks(self, title: str, questions: tuple[Question, ...], kind: Kind) -> Asks:
        from course_lib.coach.widgets import Asks

        return Asks(self._lesson, title, questions, kind)
