"""What a check found, and how it is shown: as text that is the same at every run, and as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from textwrap import dedent
from typing import Any, Literal

from course_lib.lens.show import CSS, Html, escape, panel, rich

Outcome = Literal["passed", "failed", "raised", "not attempted", "out of time", "died"]

BACKEND_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

_LABELS = r"What it means|Taught in|On \w+( and \w+)*"
_WRAPPED = "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;margin:2px 0 6px"

PRINTED = "Printed and logged while your code ran"

_HEADINGS: dict[str, str] = {
    "passed": "Passed: {}.",
    "failed": "Not yet: {}.",
    "raised": "Raised an error: {}.",
    "not attempted": "Not attempted: {}.",
    "out of time": "Out of time: {}.",
    "died": "Ended too early: {}.",
}


@dataclass(frozen=True)
class Breach:
    """One requirement that broke on one backend.

    requirement: its key; text: what was asked; saw: what was seen, with the case; statements: what was sent,
    as text.
    """

    requirement: str
    backend: str
    text: str
    saw: str
    statements: str
    misconception: str
    step: str
    html: str = field(default="", repr=False)  # the statements in the lens's own display


@dataclass(frozen=True)
class Verdict:
    """The result of a check: `grade` gives it, the notebook shows it, a script prints its `to_dict`.

    outcome: "passed", "failed" (see `broken`), "raised" (see `message`), "not attempted", "out of time" or
    "died"; backends: those it was judged on; notes: sentences such as that a backend could not be had;
    seconds: wall time.
    """

    exercise: str
    name: str
    outcome: Outcome
    broken: tuple[Breach, ...] = ()
    message: str = ""
    backends: tuple[str, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    printed: str = ""
    achieved: str = ""
    onward: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    def to_dict(self) -> dict[str, Any]:
        """Give everything a script may want, ready for JSON."""
        data = asdict(self)
        for breach in data["broken"]:
            del breach["html"]
        del data["onward"]
        return data | {"passed": self.passed, "seconds": round(self.seconds, 3)}

    def __repr__(self) -> str:
        return "\n".join(_text(self))

    def _repr_html_(self) -> str:
        tone: Literal["good", "warn", "bad"] = "good" if self.passed else "bad"
        if self.outcome == "not attempted":
            tone = "warn"
        return panel(_heading(self), _html(self), tone)


def both(backends: Iterable[str]) -> str:
    """Give "sqlite and postgresql"."""
    return " and ".join(dict.fromkeys(backends))


def step_name(step: str, only_if_here: bool = False) -> str:
    """Give "lesson 09, Lazy loading, step 2" for "lazy-loading/2"; "" for a lesson that is not here, if asked
    to.
    """
    from course_lib.coach.library import find_lesson

    lesson_id, _, number = step.partition("/")
    lesson = find_lesson(lesson_id)
    if only_if_here and lesson is None:
        return ""
    where = f"lesson {lesson.number}, {lesson.title}" if lesson else f"lesson {_title(lesson_id)}"
    return f"{where}, step {number}" if number else where


def _title(lesson_id: str) -> str:
    return lesson_id.replace("-", " ").capitalize()


def _heading(verdict: Verdict) -> str:
    where = f" on {both(verdict.backends)}" if verdict.backends else ""
    return _HEADINGS[verdict.outcome].format(f"{verdict.name}{where}")


def _merged(broken: Sequence[Breach]) -> list[tuple[Breach, str]]:
    """Give each requirement once, with the backends on which it broke."""
    found: dict[str, list[Breach]] = {}
    for breach in broken:
        found.setdefault(breach.requirement, []).append(breach)
    return [(breaches[0], both(each.backend for each in breaches)) for breaches in found.values()]


def _where(verdict: Verdict, backends: str) -> str:
    return f" (on {backends})" if backends and len(verdict.backends) > 1 else ""


def _hanging(text: str) -> str:
    return text.replace("\n", "\n    ")


def _indented(text: str, by: str = "    ") -> list[str]:
    return [by + line for line in text.splitlines()]


def _text(verdict: Verdict) -> list[str]:
    lines = [_heading(verdict)]
    merged = _merged(verdict.broken)
    for breach, backends in merged[:1]:
        lines += [f"  Asked: {breach.text}", f"  Seen{_where(verdict, backends)}: {_hanging(breach.saw)}"]
        if breach.statements:
            lines += ["  Sent:", *_indented(breach.statements)]
        lines.append(f"  What this shows: {breach.misconception}")
        if breach.step:
            lines.append(f"  Taught in: {step_name(breach.step)}.")
    lines += [f"  Also broken{_where(verdict, backends)}: {breach.text}" for breach, backends in merged[1:]]
    lines += _indented(verdict.message, "  ")
    lines += [f"  {note}" for note in verdict.notes]
    if verdict.printed and not verdict.passed:
        lines += [f"  {PRINTED}:", *_indented(verdict.printed)]
    if verdict.passed and verdict.achieved:
        lines.append(f"  You can now {verdict.achieved}.")
    if verdict.onward:
        lines.append(f"  {verdict.onward}")
    return lines


def _html(verdict: Verdict) -> str:
    parts: list[str] = []
    merged = _merged(verdict.broken)
    for breach, backends in merged[:1]:
        parts.append(_pair("Asked", breach.text))
        parts.append(_pair(f"Seen{_where(verdict, backends)}", breach.saw))
        if breach.statements:
            parts.append(breach.html.replace(f"<style>{CSS}</style>", "") or _pre(breach.statements))
        parts.append(_pair("What this shows", breach.misconception))
        if breach.step:
            parts.append(_pair("Taught in", f"{step_name(breach.step)}."))
    if len(merged) > 1:
        items = "".join(f"<li>{rich(each.text)}{escape(_where(verdict, on))}</li>" for each, on in merged[1:])
        parts.append(f"<p>Also broken:</p><ul>{items}</ul>")
    parts += _message(verdict.message)
    parts += [f"<p>{rich(note)}</p>" for note in verdict.notes]
    if verdict.printed:
        parts.append(f"<details><summary>{PRINTED}</summary>{_pre(verdict.printed)}</details>")
    if verdict.passed and verdict.achieved:
        parts.append(f"<p>You can now {rich(verdict.achieved)}.</p>")
    if verdict.onward:
        parts.append(f"<p>{escape(verdict.onward)}</p>")
    return "".join(parts)


def _message(message: str) -> Iterator[str]:
    """A message in prose, with bold labels; its indented lines, what the machine said, stay as they are."""
    for machine, lines in groupby(message.splitlines(), lambda line: line.startswith(" ")):
        if machine:
            yield _pre(rich(dedent("\n".join(lines))))
            continue
        for line in lines:
            label, _, rest = line.partition(": ")
            labelled = bool(rest) and re.fullmatch(_LABELS, label)
            yield _pair(label, rest) if labelled else f"<p>{rich(line)}</p>"


def _pair(label: str, text: str) -> Html:
    shown = _pre(rich(text)) if "\n" in text else rich(text)
    return Html(f"<div><strong>{escape(label)}:</strong> {shown}</div>")


def _pre(text: str) -> Html:
    return Html(f'<pre style="{_WRAPPED}">{escape(text)}</pre>')
