"""What to ask again: questions whose last answer was wrong, a day or more ago; and three to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from course_lib.coach import progress
from course_lib.coach.exercise import Lesson, Question
from course_lib.coach.library import all_lessons

REST = timedelta(days=1)
"""How long a missed question rests before it is asked again."""


@dataclass(frozen=True)
class Due:
    """A question to ask again, and the lesson it is of."""

    lesson: Lesson
    question: Question

    @property
    def subject(self) -> str:
        """The id under which answers to it are noted."""
        name = self.question.id
        return name if "/" in name else f"{self.lesson.id}/{name}"

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `course review --json` prints it. What is right is not in it."""
        return {
            "id": self.subject,
            "lesson": self.lesson.title,
            "question": self.question.text,
            "choices": [choice.text for choice in self.question.mixed()],
            "step": self.question.step,
        }


def due(now: datetime | None = None) -> list[Due]:
    """The questions whose last answer was wrong and is older than a day, in the course's order.

    Args:
        now: an aware time; None for this moment.
    """
    before = (now or datetime.now(UTC)) - REST
    last = {each.subject: each for each in progress.events() if each.kind in ("prediction", "quiz", "recall")}
    missed = {
        subject
        for subject, event in last.items()
        if event.right is False and datetime.fromisoformat(event.at) <= before
    }
    return [each for each in _questions() if each.subject in missed]


def three_to_begin(lesson_id: str) -> list[Due]:
    """Three questions to wake up what was learned before a lesson: missed ones first, then those of its
    recall and of the lessons before it. Fewer at the beginning of the course."""
    lessons = list(all_lessons())
    place = next((number for number, each in enumerate(lessons) if each.id == lesson_id), 0)
    here = lessons[place]
    asked = [*due(), *(Due(here, question) for question in here.recall)]
    for earlier in reversed(lessons[:place]):
        asked += [Due(earlier, question) for question in earlier.quiz]
    return list({each.subject: each for each in asked}.values())[:3]


def note(asked: Due, place: int) -> bool:
    """Write down the choice at this place of `question.mixed()`; tells whether it was right."""
    choice = asked.question.mixed()[place]
    stored = asked.question.choices.index(choice)
    progress.record("recall", asked.lesson.id, asked.subject, str(stored), choice.right, asked.question.step)
    return choice.right


def _questions() -> Iterator[Due]:
    for lesson in all_lessons():
        for question in (*lesson.recall, *lesson.predictions, *lesson.quiz):
            yield Due(lesson, question)


__all__ = ["REST", "Due", "due", "note", "three_to_begin"]
