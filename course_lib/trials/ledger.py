"""All trials, what they found, and the table that shows it backend by backend, and 2.0 where it differs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module, resources
from typing import Any

import sqlalchemy

from course_lib.lens import show
from course_lib.paths import CourseError, course_root
from course_lib.sandbox import BACKENDS, Backend
from course_lib.trials.trial import VERDICTS, Finding, Trial, Verdict, overall

TOPICS = ("engine", "sessions", "models", "loading", "bulk", "repositories", "concurrency", "web", "reading")
"""The modules of this room that hold trials, in the order of the ledger."""

OLDER_FILE = "found_on_2_0.json"
"""What the newest SQLAlchemy 2.0 gave; a test lane computes it anew and compares."""


def trials() -> list[Trial]:
    """All trials, topic by topic."""
    modules = (import_module(f"course_lib.trials.{topic}") for topic in TOPICS)
    return [trial for module in modules for trial in module.TRIALS]


def trial(name: str) -> Trial:
    """One trial by its name.

    Raises:
        CourseError: there is no trial of that name.
    """
    for one in trials():
        if one.name == name:
            return one
    known = ", ".join(one.name for one in trials())
    raise CourseError(f"There is no trial {name!r}. The trials are: {known}.")


@dataclass(frozen=True)
class Entry:
    """One trial and what it found; `found[backend]` is None where it says nothing about that backend."""

    trial: Trial
    found: Mapping[Backend, Finding | None]

    @property
    def verdict(self) -> Verdict | None:
        """The verdict over all backends; None for a claim that is settled by reading."""
        return overall(self.found)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `course trials --json` prints it."""
        return {
            backend: None
            if found is None
            else {
                "verdict": found.verdict,
                "saw": found.saw,
                "counterexamples": list(found.counterexamples),
            }
            for backend, found in self.found.items()
        }


@dataclass(frozen=True)
class Ledger:
    """What the trials found, as a table. `version` is the SQLAlchemy that it was found with."""

    entries: tuple[Entry, ...]
    version: str = sqlalchemy.__version__

    def __getitem__(self, name: str) -> Entry:
        for entry in self.entries:
            if entry.trial.name == name:
                return entry
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the version, and each trial's findings by backend."""
        findings = {entry.trial.name: entry.to_dict() for entry in self.entries}
        return {"sqlalchemy": self.version, "trials": findings}

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many claims got each verdict."""
        given = [entry.verdict for entry in self.entries]
        return {verdict: given.count(verdict) for verdict in VERDICTS}

    def __repr__(self) -> str:
        told = [f"{count} {verdict}" for verdict, count in self.counts.items() if count]
        read = sum(entry.verdict is None for entry in self.entries)
        told += [f"{read} by reading"] if read else []
        lines = [f"{len(self.entries)} claims: " + ", ".join(told)]
        lines += [f"  {entry.verdict or 'by reading':20} {entry.trial.name}" for entry in self.entries]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        older = found_on_2_0()["trials"]
        rows = [_row(entry, older.get(entry.trial.name) or {}) for entry in self.entries]
        headers = ("Claim", *BACKENDS, "What was seen", "Way back")
        body = show.table(headers, rows, caption=repr(self).splitlines()[0])
        return show.panel("The claims on trial", body)


def _row(entry: Entry, older: Mapping[str, Any]) -> list[object]:
    cells: list[object] = [show.rich(entry.trial.claim)]
    for backend in BACKENDS:
        found, before = entry.found.get(backend), older.get(backend)
        told: str = found.verdict if found else "-"
        if found and before and before["verdict"] != told:
            told += f" (2.0: {before['verdict']})"
        cells.append(told)
    seen = [entry.trial.read] if entry.trial.read else []
    for found in dict.fromkeys(found for found in entry.found.values() if found):
        seen += [found.saw, *(f"but {text}" for text in found.counterexamples)]
    return [*cells, show.rich("; ".join(dict.fromkeys(seen))), _way_back(entry.trial)]


def _way_back(trial: Trial) -> str:
    """Where a lesson takes the claim up, short enough for a column: "lesson 09, step 2"."""
    lesson_id, _, number = trial.step.partition("/")
    notebooks = course_root() / "notebooks"
    for found in notebooks.glob(f"[0-9][0-9]_{lesson_id.replace('-', '_')}.ipynb"):
        return f"lesson {found.name[:2]}, step {number}"
    return trial.step


async def run_trials(
    names: Iterable[str] | None = None,
    backends: Iterable[Backend] = BACKENDS,
    *,
    on_progress: Callable[[str], object] | None = None,
) -> Ledger:
    """Run trials, one after the other, each on private databases.

    Args:
        names: which; None for all.
        backends: where.
        on_progress: called with each trial's name when it has been run.

    Raises:
        CourseError: there is no trial of a name.
        BackendUnavailable: a backend cannot be had.
    """
    chosen = trials() if names is None else [trial(name) for name in names]
    places = tuple(backends)
    entries = []
    for one in chosen:
        entries.append(Entry(one, {backend: await one.run(backend) for backend in places}))
        if on_progress:
            on_progress(one.name)
    return Ledger(tuple(entries))


def found_on_2_0() -> dict[str, Any]:
    """What the trials found on the newest SQLAlchemy 2.0: `{"sqlalchemy": "2.0.x", "trials": {...}}`."""
    kept = resources.files("course_lib.trials").joinpath(OLDER_FILE)
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {"trials": {}}
    return found


@dataclass(frozen=True)
class Comparison:
    """Your verdicts beside the computed ones. What you left open stays open: it is not told."""

    mine: Mapping[str, str]
    ledger: Ledger

    @property
    def agreed(self) -> int:
        """How many of your verdicts are the computed ones."""
        return sum(self.ledger[name].verdict == mine for name, mine in self.mine.items())

    @property
    def said(self) -> dict[str, str]:
        """Your verdicts without those that you left open."""
        return {name: mine for name, mine in self.mine.items() if mine}

    @property
    def _summary(self) -> str:
        left = len(self.mine) - len(self.said)
        said = (
            f"{self.agreed} of your {len(self.said)} verdicts as computed" if self.said else "No verdict yet"
        )
        return f"{said}, {left} still yours to say" if left else said

    def __repr__(self) -> str:
        lines = [self._summary]
        for name, mine in self.said.items():
            computed = self.ledger[name].verdict
            way = "" if mine == computed else f" -> {_way_back(self.ledger[name].trial)}"
            lines.append(f"  {name}: you {mine}, computed {computed}{way}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = []
        for name, mine in self.said.items():
            entry = self.ledger[name]
            agrees = mine == entry.verdict
            rows.append(
                (
                    show.rich(entry.trial.claim),
                    mine,
                    entry.verdict,
                    "as you said" if agrees else f"look again: {_way_back(entry.trial)}",
                )
            )
        if not rows:
            return show.panel("Your verdicts", show.rich(f"{self._summary}."))
        table = show.table(("Claim", "You", "Computed", ""), rows, caption=self._summary)
        return show.panel("Your verdicts", table)


def compare(mine: Mapping[str, str], ledger: Ledger) -> Comparison:
    """Hold your own verdicts against the computed ones.

    Args:
        mine: by the trial's name "true", "true but incomplete", "outdated" or "false"; "" leaves it open.
        ledger: what the trials found.

    Raises:
        CourseError: a name is not in the ledger, or a verdict is none of the four.
    """
    for name, verdict in mine.items():
        if name not in {entry.trial.name for entry in ledger.entries}:
            raise CourseError(f"There is no trial {name!r} in this ledger. Run it too, or leave it out.")
        if verdict and verdict not in VERDICTS:
            raise CourseError(f"{verdict!r} is no verdict. Write one of: {', '.join(VERDICTS)}.")
    return Comparison(dict(mine), ledger)
