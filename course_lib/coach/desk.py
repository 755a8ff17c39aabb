"""What a notebook works with: `exercises(...)` to check answers, `lesson(...)` for questions and progress."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

from course_lib.coach import progress
from course_lib.coach.exercise import Exercise, Lesson, Question
from course_lib.coach.grade import CannotJudge, grade
from course_lib.coach.library import find_lesson
from course_lib.coach.progress import Kind
from course_lib.coach.verdict import Verdict
from course_lib.coach.worked import worked_solution
from course_lib.lens.python_code import python_html
from course_lib.lens.show import Tone, display, panel, rich
from course_lib.paths import CourseError

if TYPE_CHECKING:
    from course_lib.coach.widgets import Ask, Asks, Bar


def review() -> Asks | Note:
    """Ask again what was missed a day or more ago; give it as the last expression of a cell."""
    from course_lib.coach.memory import due
    from course_lib.coach.widgets import Asks

    found = due()
    if not found:
        return Note("Nothing to review: no question that you missed has rested for a day.")
    return Asks("Once more", [(each.lesson, each.question) for each in found], "recall")


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
    tone: Tone = "plain"

    def __repr__(self) -> str:
        parts = (self.title, self.text, indent(self.code, "    "), self.after)
        return "\n".join(part for part in parts if part)

    def _repr_html_(self) -> str:
        body = f"<div>{rich(self.text)}</div>" if self.text else ""
        if self.code:
            body += f'<div style="margin:6px 0">{python_html(self.code)}</div>'
        if self.after:
            body += f'<div style="white-space:pre-wrap">{rich(self.after)}</div>'
        return panel(self.title, body, self.tone)


class NotPassed(Exception):
    """A check that did not pass, where nbgrader runs the notebook: it counts a point by what raises."""


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

    def check(self, answer: Any, backends: str | Iterable[str] | None = None) -> Check:
        """Judge an answer, show the verdict and note it in your progress.

        Args:
            answer: the function (or class) itself, without parentheses.
            backends: "sqlite" or "postgresql" to judge on one only; by default on all the exercise is about.
        """
        return Check(self, answer, backends)

    async def _check(self, answer: Any, backends: str | Iterable[str] | None) -> None:
        try:
            verdict = await grade(self.exercise, answer, backends)
        except CannotJudge as error:
            display(Note(f"Not judged: {self.exercise.name}.", str(error)))
            self._tell_nbgrader("not judged")
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
        if not verdict.passed:
            self._tell_nbgrader(verdict.outcome)

    def _tell_nbgrader(self, outcome: str) -> None:
        if "NBGRADER_EXECUTION" in os.environ:
            raise NotPassed(f"{self.exercise.name}: {outcome}")

    def hint(self) -> None:
        """Show the next hint. There are a few, from a nudge to nearly there."""
        hints = self.exercise.hints
        if not hints:
            display(Note(f"{self.exercise.name} has no hints."))
            return
        number = min(progress.hints_seen(self.exercise.id) + 1, len(hints))
        progress.record("hint", self._lesson.id, self.exercise.id, str(number), None)
        more = (
            ""
            if number < len(hints)
            else f"That was the last hint. After an attempt, ex.{self.exercise.name}.solution() shows ours."
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
                    "for. Write something, check it, and ask again. "
                    f"ex.{self.exercise.name}.hint() gives a nudge.",
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
        words = f"Next: {following[0]}." if following else "That was this lesson's last exercise."
        at = progress.in_lesson(self._lesson)
        if not (self.exercise.core and at.finished):
            return words
        if all(each.finished for each in progress.summary()):
            return f"{words} With it you have finished the whole course: congratulations."
        return f"{words} With it all {at.core_total} core exercises of {at.title} have passed: well done."


class Check:
    """A check to await. Where the `await` was forgotten, its display says so, as no coroutine's would."""

    def __init__(self, exercise: BoundExercise, answer: Any, backends: str | Iterable[str] | None) -> None:
        self._exercise = exercise
        self._given = (answer, backends)

    def __await__(self) -> Generator[Any, Any, None]:
        return self._exercise._check(*self._given).__await__()

    def _note(self) -> Note:
        line = f"await ex.{self._exercise.exercise.name}.check({self._exercise.exercise.defines})"
        return Note(
            f"Not checked yet: {self._exercise.exercise.name}.",
            "A check is asynchronous: without an `await` nothing of it runs. Write `await` in front:",
            line,
            tone="warn",
        )

    def __repr__(self) -> str:
        return repr(self._note())

    def _repr_html_(self) -> str:
        return self._note()._repr_html_()


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

    def review(self) -> Asks | Note:
        """Ask again what you missed a day or more ago, in this lesson and in all others."""
        return review()

    def _asks(self, title: str, questions: tuple[Question, ...], kind: Kind) -> Asks:
        from course_lib.coach.widgets import Asks

        return Asks(title, [(self._lesson, question) for question in questions], kind)
