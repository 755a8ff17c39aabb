"""The two folders: found, made, and a clear sentence where that is impossible."""

from pathlib import Path

import pytest

from course_lib import paths
from course_lib.paths import CourseError, course_root, data_home
from tests.sandbox.helpers import python_for_all, run


def test_the_root_holds_the_lessons() -> None:
    assert (course_root() / "notebooks").is_dir()


def test_a_package_without_lessons_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "course_lib" / "paths.py"))
    with pytest.raises(CourseError, match="make lab"):
        course_root()


def test_the_home_is_made_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "a b" / "Zoë 课"))
    assert data_home() == tmp_path / "a b" / "Zoë 课"
    assert data_home().stat().st_mode & 0o777 == 0o700


def test_without_a_wish_it_is_the_systems_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COURSE_HOME", raising=False)
    monkeypatch.setattr(paths.platformdirs, "user_data_path", lambda name: tmp_path / name)
    assert data_home() == tmp_path / "async-sqlalchemy-course"


def test_a_home_that_cannot_be_made_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(CourseError, match="Set the environment variable COURSE_HOME"):
        data_home()


def test_a_read_only_home_is_one_sentence(own_home, unprivileged, monkeypatch: pytest.MonkeyPatch) -> None:
    base = own_home()
    python = python_for_all()
    if python is None:
        pytest.skip("no Python here that an ordinary user may run")
    (base / "home").mkdir()
    (base / "home").chmod(0o555)
    code = "import asyncio; from course_lib.sandbox import *\nasyncio.run(lease('sqlite', 1))"
    done = run(code, python, **unprivileged, cwd="/")
    assert "CourseError: The course's data folder cannot be used (it is read-only)" in done.stderr
    assert "COURSE_HOME" in done.stderr.splitlines()[-1]
