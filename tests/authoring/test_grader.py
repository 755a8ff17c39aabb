"""nbgrader itself grades the exercises: all points for the solutions, none for the starters."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from course_lib import cli
from course_lib.authoring import export, starter
from course_lib.authoring.grader import assignment
from course_lib.coach import find_lesson
from course_lib.paths import CourseError
from tests.harness import ROOT, clean_environment, read

NAME = "00_start_here"
LATER = "09_lazy_loading"


def nbgrader(folder: Path, *words: str) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder,
        env=clean_environment(PATH=path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    return run.stdout


def test_nbgrader_gives_all_points_to_solutions_and_none_to_starters(tmp_path: Path) -> None:
    from nbgrader.api import Gradebook

    (source,) = export(tmp_path, [LATER])
    nbgrader(tmp_path, "generate_assignment", LATER)
    released = tmp_path / "release" / LATER / source.name
    assert "BEGIN SOLUTION" not in released.read_text(encoding="utf-8")
    for student, handed_in in (("solved", source), ("starter", released)):
        target = tmp_path / "submitted" / student / LATER / source.name
        target.parent.mkdir(parents=True)
        shutil.copy(handed_in, target)
    nbgrader(tmp_path, "autograde", LATER)
    lesson = find_lesson("lazy-loading")
    assert lesson is not None
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        points = {
            each.student.id: (each.score, each.max_score) for each in book.assignment_submissions(LATER)
        }
    count = len(lesson.exercises)
    assert points == {"solved": (count, count), "starter": (0, count)}


def test_every_check_is_worth_a_point(tmp_path: Path) -> None:
    written = export(tmp_path)
    assert [path.name for path in written] == [path.name for path in sorted((ROOT / "solutions").iterdir())]
    for path in written:
        cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
        graded = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
        answers = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
        assert len(graded) == len(answers) == sum(".check(" in cell.source for cell in cells)
        assert not any(cell.outputs for cell in cells)
        names = [cell.metadata["nbgrader"]["grade_id"] for cell in [*graded, *answers]]
        assert len(names) == len(set(names))


def test_what_nbgrader_releases_is_our_starter() -> None:
    solution = read(ROOT / "solutions" / f"{NAME}.ipynb")
    ours, theirs = starter(solution), starter(assignment(solution))
    assert [cell.source for cell in ours.cells] == [cell.source for cell in theirs.cells]


def test_a_second_export_loses_nothing(tmp_path: Path) -> None:
    (path,) = export(tmp_path, ["00"])
    path.write_text("changed by hand")
    with pytest.raises(CourseError, match="may hold your changes"):
        export(tmp_path, [NAME, "09"])
    assert path.read_text() == "changed by hand"
    assert not (tmp_path / "source" / LATER).exists()
    export(tmp_path, ["09"])
    assert (tmp_path / "source" / LATER).exists()


def test_the_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.main, ["author", "nbgrader", str(tmp_path / "room"), NAME])
    assert result.exit_code == 0 and f"nbgrader generate_assignment {NAME}" in result.stdout
    wrong = CliRunner().invoke(cli.main, ["author", "nbgrader", str(tmp_path), "no such notebook"])
    assert wrong.exit_code == 2 and "No exercise notebook is called" in wrong.stderr
