"""The questions and the progress of a lesson as small widgets. Imported only when one is shown.

The text form of each widget is fixed: the question and its choices, for screen readers, plain viewers and
nbval. What is right, and the replies, are not in a widget until the reader has chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import ipywidgets  # type: ignore[import-untyped]

from course_lib.coach import progress
from course_lib.coach.exercise import Choice, Lesson, Question
from course_lib.lens.show import CSS, escape, rich

_STYLE = (
    "<style>.coach-ask{padding:2px 0 6px}"
    ".coach-ask .widget-button{height:auto;min-height:30px;width:100%;max-width:46em;white-space:normal;"
    "text-align:left;line-height:1.4;padding:5px 10px}"
    ".coach-ask .coach-chosen{outline:2px solid var(--jp-brand-color1,#1976d2);outline-offset:-2px}</style>"
)


_NOTED: dict[str, int] = {}
"""Predictions made in this kernel, by question."""


class _Panel(ipywidgets.VBox):  # type: ignore[misc]
    """A box with a text form of its own."""

    def __init__(self, text: str, children: list[ipywidgets.Widget]) -> None:
        super().__init__(children)
        self.add_class("coach-ask")
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(**options)
        if bundle is not None:
            bundle["text/plain"] = self._text  # ipywidgets would cut it
        return bundle  # type: ignore[no-any-return]


class Ask(_Panel):
    """One question. Choices are buttons; a reply appears below the one that was chosen."""

    def __init__(self, lesson: Lesson, question: Question, kind: progress.Kind, number: int = 0) -> None:
        self._lesson = lesson
        self._question = question
        self._kind = kind
        # Predictions keep the author's order: numbers and outcomes read better in their own.
        self._choices = question.choices if kind == "prediction" else question.mixed()
        self._buttons = []
        self._replies = []
        title = f"{number}. {question.text}" if number else question.text
        rows: list[ipywidgets.Widget] = [_html(f"<div><strong>{rich(title)}</strong></div>{_STYLE}")]
        for index, choice in enumerate(self._choices):
            label = choice.text.replace("`", "")  # a button shows plain text
            button = ipywidgets.Button(description=label, tooltip=label)
            button.on_click(partial(self._chosen, index))
            reply = _html("")
            self._buttons.append(button)
            self._replies.append(reply)
            rows += [button, reply]
        super().__init__(question_text(question, self._choices, kind, number), rows)
        if kind == "prediction" and (noted := _NOTED.get(self._subject)) is not None:
            self._show(noted)  # running the cell once more loses nothing

    def _chosen(self, index: int, button: ipywidgets.Button) -> None:
        self._show(index)
        if self._kind == "prediction":
            _NOTED[self._subject] = index
        choice = self._choices[index]
        place = self._question.choices.index(choice)  # in the author's order, which is stored
        progress.record(
            self._kind, self._lesson.id, self._subject, str(place), choice.right, self._question.step
        )

    @property
    def _subject(self) -> str:
        return self._question.id if "/" in self._question.id else f"{self._lesson.id}/{self._question.id}"

    def _show(self, index: int) -> None:
        for each, reply in zip(self._buttons, self._replies, strict=True):
            each.remove_class("coach-chosen")
            reply.value = ""
        self._buttons[index].add_class("coach-chosen")
        self._replies[index].value = _reply(self._choices[index], self._kind)


class Asks(_Panel):
    """Several questions below each other, each with the lesson it is of."""

    def __init__(self, title: str, questions: Iterable[tuple[Lesson, Question]], kind: progress.Kind) -> None:
        asks = [Ask(lesson, question, kind, number) for number, (lesson, question) in enumerate(questions, 1)]
        text = "\n\n".join([title, *map(repr, asks)])
        super().__init__(text, [_html(f"<div><strong>{escape(title)}</strong></div>"), *asks])


class Bar(_Panel):
    """How far a lesson has come: its exercises, what the reader can now do, what was hard, what is next."""

    def __init__(self, lesson: Lesson) -> None:
        past = progress.events()
        passed = {each.subject for each in past if each.kind == "attempt" and each.right}
        at = progress.in_lesson(lesson, past)
        head = f"{lesson.title}: {at.core_done} of {at.core_total} core exercises passed."
        lines = [
            f"{'done' if each.id in passed else 'open'}  {each.name}: {each.title}"
            for each in lesson.exercises
        ]
        lines += [f"You can now {each}." for each in at.achieved]
        lines += [f"This was hard: {', '.join(at.hard)}."] if at.hard else []
        lines += [f"Next: {at.following}."] if at.following else []
        if at.finished:
            lines.append("This lesson is finished. Well done.")
        bar = ipywidgets.IntProgress(value=at.core_done, min=0, max=max(at.core_total, 1))
        bar.layout.width = "20em"
        items = "".join(f"<li>{rich(line)}</li>" for line in lines)
        list_html = f"<ul>{items}</ul>"
        super().__init__(
            "\n".join([head, *(f"  {line}" for line in lines)]), [_html(escape(head)), bar, _html(list_html)]
        )


def question_text(
    question: Question, choices: tuple[Choice, ...], kind: progress.Kind, number: int = 0
) -> str:
    """Give the question and its choices as plain text."""
    head = {"prediction": "Your prediction: "}.get(kind, f"{number}. " if number else "")
    return "\n".join([head + question.text, *(f"  ( ) {choice.text}" for choice in choices)])


def _reply(choice: Choice, kind: progress.Kind) -> str:
    if kind == "prediction":
        text, tone = "Noted. Run the next cell and compare.", "plain"
    else:
        text, tone = choice.reply, "good" if choice.right else "bad"
        text = text if text.lower().startswith("right") or not choice.right else f"Right. {text}"
        text = text if choice.right else f"Not quite. {text}"
    return (
        f'<div class="cl" role="status" aria-live="polite"><style>{CSS}</style>'
        f'<div class="cl-banner cl-{tone}">{rich(text)}</div></div>'
    )


def _html(value: str) -> ipywidgets.HTML:
    return ipywidgets.HTML(value=value)
