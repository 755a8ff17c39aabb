"""How long a check takes, beside nbgrader's `autograde` and `otter check` on the same exercises and checks.

    make benchmark          (or: python -m benchmarks.checks [--rounds N] [--no-others])

All is measured in one run, so the ratios can be trusted on a machine that is busy. Otter gets an environment
of its own in `.venv/otter`; where it cannot be installed, a line says so.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import bootstrap
from course_lib.authoring import export
from course_lib.coach import grade
from course_lib.coach.exercise import Exercise
from course_lib.coach.folder import Answer, find_answers
from course_lib.coach.runner import load_source
from course_lib.sandbox import BACKENDS

ROOT = Path(__file__).resolve().parent.parent
COMPARED = "09_lazy_loading"
OTTER = ROOT / ".venv" / "otter"
PAUSE = 0.3
"""Seconds between two checks, in which the databases for the next are made ready, as between a reader's."""

OTTER_TEST = """\
OK_FORMAT = True
CASE = '''
>>> import asyncio
>>> from course_lib.coach import grade
>>> asyncio.run(grade("{id}", {name})).passed
True
'''
test = {{"name": "q{number}", "points": 1, "suites": [{{"type": "doctest", "cases": [{{"code": CASE}}]}}]}}
"""


class Nothing(Exercise):
    """Opens the databases of an exercise and asks nothing: what is left is the coach's own part."""

    id = "benchmark/nothing"
    title = "Nothing"
    defines = "nothing"

    async def check(self, answer: Any, lab: Any) -> None:
        for users in self.users:
            async with lab.shop(users):
                await lab.call(answer)


def nothing_like(exercise: Exercise) -> Exercise:
    """The empty exercise with the databases of another."""
    kind = type("NothingLike", (Nothing,), {"users": exercise.users, "backends": exercise.backends})
    return cast(Exercise, kind())


async def nothing() -> int:
    """An answer that does nothing."""
    return 0


async def one(exercise: Exercise, answer: Any, backends: str) -> float:
    """Seconds until the verdict, once the databases are there."""
    await asyncio.sleep(PAUSE)
    began = time.perf_counter()
    verdict = await grade(exercise, answer, backends)
    seconds = time.perf_counter() - began
    if not verdict.passed:
        raise SystemExit(f"{exercise.id} did not pass, so its time says nothing:\n{verdict!r}")
    return seconds


async def warm(answers: Sequence[Answer], rounds: int) -> None:
    """Checks in a warm process, as in a kernel that has been used."""
    with_databases = [each for each in answers if each.exercise.users]
    answered = [(each.exercise, load_source(each.source, each.exercise.defines)) for each in with_databases]
    print(f"{len(answered)} exercises with databases, {rounds} rounds, in milliseconds:")
    print(f"{'':14}{'median':>8}{'95th percentile':>18}{'slowest':>10}")
    for backends in ("both", *BACKENDS):
        of_backend = [pair for pair in answered if backends == "both" or backends in pair[0].backends]
        taken = []
        for number in range(rounds + 1):
            seconds = [await one(exercise, answer, backends) for exercise, answer in of_backend]
            taken += seconds if number else []  # the first round warms up
        show(backends, taken)
    show("no answer", [await one(nothing_like(exercise), nothing, "both") for exercise, _ in answered])
    print("(no answer: the databases of each exercise are opened and closed, on all its backends)")


def show(name: str, seconds: Sequence[float]) -> None:
    """One row of the table."""
    ordered = sorted(1000 * each for each in seconds)
    high = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(f"{name:14}{statistics.median(ordered):8.0f}{high:18.0f}{ordered[-1]:10.0f}")


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run(*command: str | Path, cwd: Path) -> None:
    """Run a program; its output is shown where it fails."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = os.environ | {"COURSE_PROGRESS": "off", "COURSE_BACKEND": "sqlite", "PATH": path}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout}")


def imports() -> None:
    """How long a notebook waits for what it imports, beside a Python that imports nothing."""
    code = "from course_lib.coach import exercises; from course_lib.sandbox import fresh"
    taken = [timed(lambda: run(sys.executable, "-c", code, cwd=ROOT)) for _ in range(5)]
    bare = [timed(lambda: run(sys.executable, "-c", "", cwd=ROOT)) for _ in range(5)]
    seconds = statistics.median(taken) - statistics.median(bare)
    print(f"\nImporting what a notebook needs: {seconds:.2f} s")


def others(three: Sequence[Answer]) -> None:
    """The same exercises and checks through nbgrader and Otter."""
    print(f"\n{len(three)} exercises of {COMPARED}, both backends, seconds for all of them:")
    ours = statistics.median(asyncio.run(in_a_row(three)) for _ in range(3))
    print(f"{'in a warm kernel':24}{ours:8.2f}")
    with tempfile.TemporaryDirectory() as folder:
        for name, work in (("nbgrader autograde", nbgrader), ("otter check", otter)):
            try:
                seconds = work(Path(folder) / name.partition(" ")[0], three)
            except bootstrap.Trouble as trouble:
                print(f"{name}: not run. {trouble}")
            else:
                print(f"{name:24}{seconds:8.2f}   {seconds / ours:.0f} times as long")


async def in_a_row(three: Sequence[Answer]) -> float:
    """Seconds for the checks, one after the other."""
    loaded = [(each.exercise, load_source(each.source, each.exercise.defines)) for each in three]
    for exercise, answer in loaded:
        await one(exercise, answer, "both")
    return sum([await one(exercise, answer, "both") for exercise, answer in loaded])


def nbgrader(folder: Path, three: Sequence[Answer]) -> float:
    """Seconds of `nbgrader autograde` for one student's notebook with these exercises."""
    import nbformat

    (source,) = export(folder, [COMPARED])
    book = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    kept = {each.exercise.name for each in three}
    cut = next(
        (
            number
            for number, cell in enumerate(book.cells)
            if any(line.startswith("## ") for line in cell.source.splitlines()[:1])
            and int(cell.source.split()[1].rstrip(".")) > len(kept)
        ),
        len(book.cells),
    )
    book.cells = book.cells[:cut]
    nbformat.write(book, source)  # type: ignore[no-untyped-call]
    run(sys.executable, "-m", "nbgrader", "generate_assignment", COMPARED, cwd=folder)
    target = folder / "submitted" / "one" / COMPARED
    target.mkdir(parents=True)
    shutil.copy(source, target)
    return timed(lambda: run(sys.executable, "-m", "nbgrader", "autograde", COMPARED, cwd=folder))


def otter(folder: Path, three: Sequence[Answer]) -> float:
    """Seconds of `otter check` for a file with these answers. It has no async tests: each runs a loop."""
    python = OTTER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        bootstrap.say("For the comparison: Otter in an environment of its own ...")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(OTTER)], check=True)
    env = bootstrap.tool_environment()
    told = bootstrap.for_uv(bootstrap.known_settings(env), env)
    command = [str(bootstrap.inside("uv")), "pip", "install", "--quiet", "--python", str(python)]
    code, output = bootstrap.run([*command, "-c", "constraints.txt", "-e", ".", "otter-grader"], told)
    if code:
        raise bootstrap.Trouble(f"Otter could not be installed: {bootstrap.last_lines(output, {})}")
    (folder / "tests").mkdir(parents=True)
    answers = folder / "answers.py"
    answers.write_text("\n\n".join(each.source for each in three), encoding="utf-8")
    for number, each in enumerate(three, 1):
        name = each.exercise.defines
        (folder / "tests" / f"q{number}.py").write_text(
            OTTER_TEST.format(number=number, id=each.exercise.id, name=name),
            encoding="utf-8",
        )
    return timed(lambda: run(python, "-m", "otter", "check", answers.name, cwd=folder))


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description="How long checks take, beside nbgrader and Otter.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each check is timed (default 3)")
    parser.add_argument("--no-others", action="store_true", help="leave nbgrader and Otter out")
    chosen = parser.parse_args()
    os.environ["COURSE_PROGRESS"] = "off"
    answers, _ = find_answers([ROOT / "solutions"])
    asyncio.run(warm(answers, chosen.rounds))
    imports()
    if not chosen.no_others:
        stem = f"{COMPARED}.ipynb"
        others([each for each in answers if Path(each.file).name == stem and each.exercise.core])


if __name__ == "__main__":
    main()
