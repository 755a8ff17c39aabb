"""Answers of many, in notebooks and files below a folder, through `course grade`."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from course_lib import cli
from course_lib.coach import find_exercise
from course_lib.coach.folder import find_answers
from course_lib.paths import CourseError
from tests.harness import ROOT, code, notebook, write

NAME = "09_lazy_loading.ipynb"
WRONG = ROOT / "tests" / "answers" / "lazy_loading" / "order_days" / "wrong_unsorted.py"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Anna handed in a notebook that is filled in, Ben an empty one, and Cleo a file and some notes."""
    for student, folder in (("anna", "solutions"), ("ben", "exercises")):
        (tmp_path / student / ".ipynb_checkpoints").mkdir(parents=True)
        shutil.copy(ROOT / folder / NAME, tmp_path / student / NAME)
        shutil.copy(ROOT / folder / NAME, tmp_path / student / ".ipynb_checkpoints" / NAME)
    (tmp_path / "cleo" / "lazy_loading").mkdir(parents=True)
    shutil.copy(WRONG, tmp_path / "cleo" / "lazy_loading" / "order_days.py")
    (tmp_path / "cleo" / "notes.py").write_text("nothing = 1\n")
    return tmp_path


def test_a_room_is_graded(room: Path, tmp_path: Path) -> None:
    table = tmp_path / "report.csv"
    result = CliRunner().invoke(
        cli.main, ["grade", str(room), "--backend", "sqlite", "--csv", str(table), "--jobs", "2", "--json"]
    )
    assert result.exit_code == 1, result.output
    told = json.loads(result.stdout)
    outcomes = {(each["student"], each["exercise"]): each["outcome"] for each in told["graded"]}
    names = [exercise["exercise"] for exercise in told["graded"] if exercise["student"] == "anna"]
    assert len(names) >= 4
    assert all(
        outcomes["anna", name] == "passed" and outcomes["ben", name] == "not attempted" for name in names
    )
    assert outcomes["cleo", "lazy-loading/order-days"] == "failed"
    assert (told["passed"], told["total"]) == (len(names), 2 * len(names) + 1)
    assert [each["file"] for each in told["skipped"]] == ["cleo/notes.py"]
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["student"], row["exercise"], row["outcome"]) for row in rows] == [
        (each["student"], each["exercise"], each["outcome"]) for each in told["graded"]
    ]
    cleo = rows[-1]
    assert cleo["broken"] and cleo["message"] and "\n" not in cleo["message"]


def test_a_notebook_is_told_as_a_whole() -> None:
    result = CliRunner().invoke(cli.main, ["grade", str(ROOT / "solutions" / NAME), "--backend", "sqlite"])
    assert result.exit_code == 0, result.output
    assert f"{NAME}: 4 of 4 passed\nAll together: 4 of 4 passed.\n" in result.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["no such folder"], "Nothing was judged"),
        (["lazy-loading/none", "answer.py"], "answer.py cannot be read"),
    ],
)
def test_what_is_not_there(words: list[str], told: str) -> None:
    result = CliRunner().invoke(cli.main, ["grade", *words])
    assert (result.exit_code, result.stdout) == (2, "") and told in result.stderr


def test_an_empty_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.main, ["grade", str(tmp_path)])
    assert result.exit_code == 2 and "No answers were found" in result.stderr


def test_what_a_notebook_defines_and_nothing_else(tmp_path: Path) -> None:
    """Imports, helpers and the last definition count; what awaits, shows or asks the coach is left out."""
    path = tmp_path / "mine.ipynb"
    cells = [
        "import functools\nfrom course_lib.coach import exercises",
        'ex = exercises("lazy-loading")\nprint("hello")\ndb = await something()',
        "LIMIT = 3\n\n\n@functools.cache\ndef helper():\n    return LIMIT",
        "async def order_days(session, user_id):\n    return 'first'",
        "%timeit helper()",
        "async def order_days(session, user_id):\n    return 'second'",
        "await ex.order_days.check(order_days)\nawait ex.order_days.hint()",
    ]
    write(notebook(*map(code, cells)), path)
    answers, skipped = find_answers([path])
    source = {answer.exercise.id: answer.source for answer in answers}["lazy-loading/order-days"]
    assert not skipped and answers[0].student == ""
    assert "@functools.cache\ndef helper" in source and "LIMIT = 3" in source
    assert source.index("'first'") < source.index("'second'")
    for gone in ("hello", "something", "timeit", "check", 'exercises("'):
        assert gone not in source, gone


def test_a_cell_that_does_not_parse_is_judged_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    broken = "async def order_days(session, user_id:\n    return 1"
    write(notebook(code('ex = exercises("lazy-loading")'), code(broken)), path)
    (answer,) = (each for each in find_answers([path])[0] if each.exercise.name == "order_days")
    assert broken in answer.source


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.ipynb", "no json", "Expecting value"),
        ("b.ipynb", '{"cells": []}', "No cell says which lesson"),
        ("c.py", "x = 1", "It is not clear which exercise"),
    ],
)
def test_a_file_without_an_answer_is_named(tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text)
    answers, skipped = find_answers([tmp_path])
    assert not answers and skipped[0][0] == name and reason in skipped[0][1]


def test_an_unknown_lesson(tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    write(notebook(code('ex = exercises("no-such-lesson")')), path)
    assert "no-such-lesson" in find_answers([path])[1][0][1]


def test_solutions_are_found_with_their_exercises() -> None:
    for path in sorted((ROOT / "solutions").glob("*.ipynb")):
        answers, skipped = find_answers([path])
        assert answers and not skipped
        for answer in answers:
            assert f"def {answer.exercise.defines}(" in answer.source or "class " in answer.source
            assert find_exercise(answer.exercise.id) is answer.exercise
            assert "BEGIN SOLUTION" in answer.source


def test_a_place_that_does_not_exist() -> None:
    with pytest.raises(CourseError, match="There is no"):
        find_answers([Path("no such place")])
