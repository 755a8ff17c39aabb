"""Progress in its file: two writers, a kill in the middle, a damaged file, a read-only folder."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course_lib.coach import progress
from course_lib.paths import CourseError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, with progress on."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.delenv("COURSE_PROGRESS", raising=False)
    monkeypatch.delenv("PYTEST_VERSION", raising=False)
    monkeypatch.setattr(progress, "_store", progress._Store())
    return tmp_path


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress in memory, empty."""
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    monkeypatch.setattr(progress, "_store", progress._Store())


def attempt(name: str, right: bool = True) -> None:
    """Note an attempt of an exercise of lesson 09."""
    outcome = "passed" if right else "failed"
    progress.record("attempt", "lazy-loading", f"lazy-loading/{name}", outcome, right, "lazy-loading/3")


def writer(home: Path, script: str) -> subprocess.Popen[str]:
    """A process that writes progress, as another kernel does."""
    kept = {
        key: value for key, value in os.environ.items() if key not in ("COURSE_PROGRESS", "PYTEST_VERSION")
    }
    return subprocess.Popen(
        [sys.executable, "-c", "from course_lib.coach import progress\n" + script],
        env=kept | {"COURSE_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )


WRITE = """
for number in range({count}):
    progress.record("attempt", "lazy-loading", f"{name}/{{number}}", "failed", False)
    print(number, flush=True)
"""


def check_the_summary() -> None:
    assert progress.resume_point() is None
    attempt("order-days", right=False)
    assert not any(each.core_done for each in progress.summary())
    attempt("order-days")
    attempt("order-days")
    lesson = next(each for each in progress.summary() if each.lesson == "lazy-loading")
    assert (lesson.core_done, lesson.core_total, lesson.finished) == (1, 3, False)
    point = progress.resume_point()
    assert point is not None and (point.notebook, point.step) == ("09_lazy_loading", 3)
    assert progress.attempted("lazy-loading/order-days")
    assert not progress.attempted("lazy-loading/user-page")
    progress.record("hint", "lazy-loading", "lazy-loading/user-page", "1", None)
    assert progress.hints_seen("lazy-loading/user-page") == 1
    assert progress.reset("lazy-loading/order-days") == 3
    assert not progress.attempted("lazy-loading/order-days")
    assert progress.reset("lazy-loading") == 1
    attempt("user-page")
    assert progress.reset() == 1
    assert progress.events() == []


def test_a_finished_lesson_leads_to_the_next_open_one(memory: None) -> None:
    lessons = {lesson.id: lesson for lesson in progress.all_lessons()}
    order = list(lessons)

    def finish(lesson_id: str) -> None:
        for each in lessons[lesson_id].exercises:
            if each.core:
                progress.record("attempt", lesson_id, each.id, "passed", True)
        for question in () if lessons[lesson_id].exercises else lessons[lesson_id].quiz:
            progress.record("quiz", lesson_id, f"{lesson_id}/{question.id}", "a choice", False)

    first, second, third = order[:3]
    finish(second)
    point = progress.resume_point()
    assert point is not None and (point.lesson, point.step) == (third, 0)
    assert point.after == lessons[second].title
    finish(order[-1])  # nothing comes behind the last one: what was left out before it does
    point = progress.resume_point()
    assert point is not None and point.lesson == first
    for each in order:
        finish(each)
    point = progress.resume_point()
    assert point is not None and (point.lesson, point.after) == (order[-1], "")


def test_in_the_file(home: Path) -> None:
    check_the_summary()
    assert (home / "progress.db").is_file()


def test_in_memory(memory: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    check_the_summary()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["COURSE_PROGRESS", "PYTEST_VERSION", "NBGRADER_EXECUTION"])
def test_nothing_is_written_by_tests_and_graders(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "off")
    attempt("order-days")
    assert not list(home.iterdir())


async def test_it_can_be_used_where_a_loop_runs(home: Path) -> None:
    attempt("order-days")
    await asyncio.to_thread(attempt, "user-page")
    assert len(progress.events()) == 2


def test_two_kernels_at_once(home: Path) -> None:
    writers = [writer(home, WRITE.format(count=25, name=name)) for name in ("a", "b")]
    for each in writers:
        assert each.communicate()[0].split()[-1] == "24"
    assert len(progress.events()) == 50


def test_a_kill_loses_at_most_what_was_being_written(home: Path) -> None:
    process = writer(home, WRITE.format(count=10_000, name="a"))
    assert process.stdout is not None
    done = [process.stdout.readline() for _ in range(10)]
    os.kill(process.pid, signal.SIGKILL)
    done += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    written = [each.subject for each in progress.events()]
    assert written[: len(done)] == [f"a/{number}" for number in range(len(done))]
    attempt("order-days")
    assert progress.attempted("lazy-loading/order-days")


def test_a_damaged_file_is_said_once_and_put_aside_by_a_reset(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "progress.db").write_bytes(b"no database at all " * 100)
    attempt("order-days")
    attempt("user-page")
    said = capsys.readouterr().err
    assert said.count("Your progress cannot be saved") == 1 and "course reset --all" in said
    assert str(home) not in said
    assert progress.attempted("lazy-loading/order-days")  # for as long as the kernel lives
    with pytest.raises(CourseError, match="cannot be saved"):
        progress.reset("lazy-loading")
    progress.reset()
    assert (home / "progress.db.damaged").is_file()
    attempt("order-days")
    assert len(progress.events()) == 1


def test_a_file_that_cannot_be_opened_is_a_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "progress.db").mkdir()  # stands for any file without access; root may write to read-only ones
    attempt("order-days")
    assert "Your progress cannot be saved (unable to open database file" in capsys.readouterr().err
    assert progress.attempted("lazy-loading/order-days")


def test_a_lock_that_is_held_is_waited_for(home: Path) -> None:
    attempt("order-days")
    hold = (
        "import sqlite3, time, pathlib\n"
        f"db = sqlite3.connect(pathlib.Path({str(home)!r}) / 'progress.db', isolation_level=None)\n"
        "db.execute('BEGIN IMMEDIATE'); print('held', flush=True); time.sleep(1); db.execute('COMMIT')"
    )
    process = writer(home, hold)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    began = time.monotonic()
    attempt("user-page")
    assert time.monotonic() - began < 30
    process.communicate()
    assert len(progress.events()) == 2
