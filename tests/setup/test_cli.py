"""The `course` command: quick help, exit codes, JSON for scripts, a sentence instead of a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from course_lib import cli, doctor, workspace
from course_lib.paths import CourseError
from course_lib.sandbox import Readiness
from tests.setup.conftest import ROOT, run_on_disk

ANSWERS = ROOT / "tests/answers/lazy_loading/users_with_orders"
EXERCISE = "lazy-loading/users-with-orders"
Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    """Run `course` in this process; gives click's result."""
    return lambda *arguments: CliRunner().invoke(cli.main, [str(word) for word in arguments])


def commands(group: click.Group, before: str = "course") -> list[tuple[str, click.Command]]:
    """Every command with its full name."""
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        found.append((f"{before} {name}", command))
        if isinstance(command, click.Group):
            found += commands(command, f"{before} {name}")
    return found


def test_every_command_and_option_says_what_it_does() -> None:
    names = [name for name, _ in commands(cli.main)]
    for needed in ("lab", "doctor", "exercises", "grade", "progress", "resume", "reset", "author build"):
        assert f"course {needed}" in names
    for needed in ("start", "stop", "status", "reset"):
        assert f"course db {needed}" in names
    for name, command in commands(cli.main):
        assert command.help, name
        assert not command.get_short_help_str(limit=62).endswith("..."), name
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help, (name, option.name)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from course_lib import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'IPython', 'jupyterlab', 'ipywidgets', 'asyncpg', 'nbformat', 'tornado'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"


def test_trouble_is_a_sentence_and_exit_code_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        raise CourseError("What happened. What it means. What to do.")

    monkeypatch.setattr(workspace, "renew", fail)
    result = run("reset", "exercises/09")
    assert result.exit_code == 2
    assert result.stderr == "What happened. What it means. What to do.\n"
    assert result.stdout == ""


def test_exercises(run: Run) -> None:
    entries = json.loads(run("exercises", "--json").stdout)
    assert EXERCISE in [entry["id"] for entry in entries]
    for entry in entries:
        assert {"id", "lesson", "title", "name", "backends", "starter"} <= set(entry)
    assert EXERCISE in run("exercises").stdout


@pytest.mark.parametrize(
    ("pattern", "code", "outcome"), [("right_*.py", 0, "passed"), ("wrong_*.py", 1, "failed")]
)
def test_grade(run: Run, pattern: str, code: int, outcome: str) -> None:
    answer = sorted(ANSWERS.glob(pattern))[0]
    result = run("grade", EXERCISE, answer, "--backend", "sqlite", "--json")
    verdict = json.loads(result.stdout)
    assert (result.exit_code, verdict["outcome"]) == (code, outcome), verdict
    assert bool(verdict["broken"]) == (outcome == "failed")


def test_grade_of_a_file_without_the_function(run: Run, tmp_path: Path) -> None:
    answer = tmp_path / "answer.py"
    answer.write_text("async def users_with_order(session): ...\n")
    result = run("grade", EXERCISE, answer, "--backend", "sqlite")
    assert result.exit_code == 1
    assert "answer.py defines no function `users_with_orders`" in result.stdout
    assert "It defines `users_with_order`." in result.stdout


@pytest.mark.parametrize("words", [(EXERCISE, "no such file.py"), ("lazy-loading/none", __file__)])
def test_grade_that_cannot_run(run: Run, words: tuple[str, str]) -> None:
    result = run("grade", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr and result.stderr.strip()


def test_progress_and_resume(run: Run) -> None:
    entries = json.loads(run("progress", "--json").stdout)
    assert "lazy-loading" in [entry["lesson"] for entry in entries]
    assert "Core exercises passed: " in run("progress").stdout
    assert run("resume").exit_code == 0
    json.loads(run("resume", "--json").stdout)


def test_resume_after_a_finished_lesson(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from course_lib import coach

    point = coach.ResumePoint("sessions", "04_sessions", "Sessions", 0, "Await and tasks")
    monkeypatch.setattr(coach, "resume_point", lambda: point)
    assert run("resume").stdout == (
        "You have finished Await and tasks. Next comes Sessions. Run course lab and open "
        "notebooks/04_sessions.ipynb.\n"
    )


def test_reset_wants_one_thing(run: Run) -> None:
    assert run("reset").exit_code == 2
    assert run("reset", "exercises/09", "--all").exit_code == 2
    unknown = run("reset", "--lesson", "no-such-lesson")
    assert unknown.exit_code == 2 and "Nothing was forgotten" in unknown.stderr
    assert run("reset", "--exercise", "lazy-loading/none").exit_code == 2
    assert run("reset", "--lesson", "lazy-loading").exit_code == 0
    assert run("reset", "--all").exit_code == 1  # asked, and not answered


def test_doctor(run: Run) -> None:
    result = run("doctor", "--json")
    found = json.loads(result.stdout)
    assert found["backends"]["sqlite"]["ready"] and found["backends"]["sqlite"]["version"]
    assert found["ready"] == all(check["ok"] for check in found["checks"])
    assert result.exit_code == (0 if found["ready"] else 1)


def test_doctor_names_the_trouble_and_the_remedy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = Readiness(True, "3.40.1", "", "")
    broken = Readiness(False, "", "No binaries were found.", "Install PostgreSQL 15 or newer.")
    monkeypatch.setattr("course_lib.sandbox.readiness", lambda: {"sqlite": ready, "postgresql": broken})
    result = run("doctor")
    assert result.exit_code == 1
    assert "TROUBLE  PostgreSQL: No binaries were found." in result.stdout
    assert "What to do: Install PostgreSQL 15 or newer." in result.stdout
    assert len(result.stdout.splitlines()) <= 24  # one screen


def test_doctor_sees_packages_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.1")
    (packages,) = doctor._packages()
    assert not packages.ok
    assert "sqlalchemy is 0.1, not " in packages.found and packages.remedy.endswith("make lab")


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    disk = tmp_path / "home"
    disk.mkdir()
    env = dict(os.environ) | {"COURSE_HOME": str(disk / "course")}
    env.pop("PYTHONASYNCIODEBUG", None)  # debug mode tells of slow callbacks on stderr
    script = f'"{sys.executable}" -m course_lib.cli doctor --json'
    answer = run_on_disk(disk, "ro,size=64k", f"cd {ROOT}; {script} || true", env)
    checks = {check["name"]: check for check in json.loads(answer.stdout)["checks"]}
    assert not checks["Progress and databases"]["ok"]
    assert "COURSE_HOME" in checks["Progress and databases"]["remedy"]
    assert answer.stderr == ""


def test_author_build_without_its_packages(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.startswith("course_lib.authoring"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nbformat", None)
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    result = run("author", "build", "--check", "--no-run")
    assert result.exit_code == 2
    assert "run: make dev" in result.stderr
