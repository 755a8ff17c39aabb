"""Answers that would break a notebook: each ends in a verdict, and the next check is unaffected."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from course_lib.coach import Verdict, grade
from tests.coach.answers import HOSTILE, IMPORTS, RIGHT, function, hostile
from tests.coach.sample import Hurried, Names


async def _judged(name: str, as_source: bool) -> Verdict:
    source = hostile(HOSTILE[name][1])
    answer = source if as_source else function(source)
    verdict = await grade(Hurried() if HOSTILE[name][0] == "out of time" else Names(), answer)
    assert verdict.outcome in HOSTILE[name][0], f"{verdict}\n{verdict.printed}"
    assert verdict.backends == ("sqlite", "postgresql")
    assert verdict.message or verdict.broken or verdict.passed
    assert len(repr(verdict)) < 6000
    assert verdict._repr_html_()
    return verdict


@pytest.mark.parametrize("name", HOSTILE)
async def test_in_a_fork(name: str) -> None:
    await _judged(name, as_source=False)
    assert (await grade(Names(), function(IMPORTS + RIGHT))).passed


@pytest.mark.parametrize("name", HOSTILE)
async def test_in_a_fresh_process(name: str) -> None:
    """As `course grade` judges."""
    await _judged(name, as_source=True)


async def test_all_at_once() -> None:
    names = ["os._exit", "recursion", "threads", "a megabyte printed"]
    await asyncio.gather(*(_judged(name, as_source=False) for name in names))


async def test_the_place_of_an_endless_loop_is_named() -> None:
    verdict = await _judged("an endless loop", as_source=False)
    assert "of names" in verdict.message and "more than 0.4 seconds of computing time" in verdict.message
    assert "0 users" in verdict.message


async def test_what_was_printed_is_kept_and_shortened() -> None:
    verdict = await _judged("a megabyte printed", as_source=False)
    assert verdict.printed.startswith("xxx") and "[... more was printed ...]" in verdict.printed


async def test_a_child_of_the_answer_is_ended() -> None:
    source = (
        "import subprocess\nasync def names(session):\n"
        "    child = subprocess.Popen(['sleep', '60'])\n    raise ValueError(child.pid)\n"
    )
    verdict = await grade(Names(), function(source), "sqlite")
    pid = verdict.message.partition("ValueError: ")[2].split()[0]
    await asyncio.sleep(0.2)
    # It may be left as a zombie where nobody collects orphans.
    assert not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
