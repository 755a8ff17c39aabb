"""What a trial is: a claim, an experiment that is run on each backend, and a verdict that nobody types."""

from __future__ import annotations

import contextlib
import gc
import logging
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from course_lib.sandbox import BACKENDS, Backend, Sandbox, open_sandbox

Verdict = Literal["true", "true but incomplete", "outdated", "false"]
VERDICTS: tuple[Verdict, ...] = ("true", "true but incomplete", "outdated", "false")


@dataclass(frozen=True)
class Finding:
    """What one experiment found on one backend.

    `holds`: the claim came true where it was tried as it is meant. `saw`: what was observed, in one line.
    `counterexamples`: cases in which it did not. `current`: nothing newer has taken its place.
    """

    holds: bool
    saw: str
    counterexamples: tuple[str, ...] = ()
    current: bool = True

    @property
    def verdict(self) -> Verdict:
        """Not holding: false. Holding with a counterexample: incomplete. Not current: outdated. Else true."""
        if not self.holds:
            return "false"
        if self.counterexamples:
            return "true but incomplete"
        return "true" if self.current else "outdated"


def finding(holds: bool, saw: str, but: Mapping[str, bool] | None = None, *, current: bool = True) -> Finding:
    """A finding from observations.

    Args:
        holds: whether the claim came true.
        saw: what was observed: no times, addresses or ids, so that two runs can be compared.
        but: possible counterexamples, each with whether it was observed.
        current: whether nothing newer has taken the claim's place.
    """
    observed = tuple(text for text, was_seen in (but or {}).items() if was_seen)
    return Finding(bool(holds), saw, observed, bool(current))


Experiment = Callable[[Sandbox], Awaitable[Finding]]


@dataclass(frozen=True)
class Trial:
    """One claim of the common recipe, and how it is tried.

    `name` is stable. `about` names the places of the recipe that the claim stands in: "function get_many",
    "decision Lazy loading", "anti-pattern shared session", "sample engine". `step` is the lesson's step that
    takes it up, `exercise` the exercise that practises it, `pattern` the name in `course_lib.patterns` that
    keeps or mends it. `experiment` is None where only reading settles the claim; `read` then says what was
    read, and where.
    """

    name: str
    claim: str
    about: tuple[str, ...]
    step: str
    experiment: Experiment | None
    exercise: str = ""
    pattern: str = ""
    backends: tuple[Backend, ...] = BACKENDS
    users: int = 7
    read: str = ""

    async def run(self, backend: Backend) -> Finding | None:
        """Run the experiment on a private database of one backend.

        Returns:
            What was found; None where the claim says nothing about this backend, or is settled by reading.

        Raises:
            BackendUnavailable: the backend cannot be had.
        """
        if self.experiment is None or backend not in self.backends:
            return None
        with _quiet():
            async with open_sandbox(backend, users=self.users) as db:
                return await self.experiment(db)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what failing code warns and logs besides: experiments look at what was raised and stored."""
    pool_log, nowhere = logging.getLogger("sqlalchemy.pool"), logging.NullHandler()
    propagated, pool_log.propagate = pool_log.propagate, False
    pool_log.addHandler(nowhere)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
            gc.collect()  # a coroutine or connection that was dropped warns when it is found
    finally:
        pool_log.removeHandler(nowhere)
        pool_log.propagate = propagated


def overall(findings: Mapping[Backend, Finding | None]) -> Verdict | None:
    """One verdict from those of all backends: where they disagree, the claim is true but incomplete.

    None where nothing was run. A claim that holds nowhere is false.
    """
    verdicts = {found.verdict for found in findings.values() if found is not None}
    if not verdicts:
        return None
    return verdicts.pop() if len(verdicts) == 1 else "true but incomplete"
