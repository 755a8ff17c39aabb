"""The reader's copy: filled without outputs, renewed while untouched, never overwritten."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from course_lib import workspace
from course_lib.paths import CourseError
from tests.setup.conftest import clean_environment, run_on_disk


def notebook(*sources: str, output: str | None = None) -> str:
    """A notebook's text; its last cell printed `output`."""
    cells = [
        nbformat.v4.new_code_cell(source, execution_count=1, id=f"c{n}") for n, source in enumerate(sources)
    ]
    if output:
        cells[-1]["outputs"] = [nbformat.v4.new_output("stream", text=output)]
    content = nbformat.v4.new_notebook(cells=cells, metadata={"widgets": {"state": 1}})
    return str(nbformat.writes(content))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small course of two lessons, one exercise, a README and its picture."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "exercises").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "notebooks/00_start_here.ipynb").write_text(notebook("1 + 1", output="spoiler"))
    (tmp_path / "notebooks/09_lazy_loading.ipynb").write_text(notebook("2 + 2", output="spoiler"))
    (tmp_path / "exercises/09_lazy_loading.ipynb").write_text(notebook("return not_attempted"))
    (tmp_path / "docs/lesson.png").write_bytes(b"picture")
    (tmp_path / "README.md").write_text(
        "# Course\n![A lesson](docs/lesson.png) ![no](https://x.invalid/y.png)\n"
    )
    monkeypatch.setattr(workspace, "course_root", lambda: tmp_path)
    return tmp_path


def edit(path: Path, source: str, **extra: Any) -> bytes:
    """Change a work file as JupyterLab does; its new content."""
    content = json.loads(path.read_text())
    content["cells"][0]["source"] = [source]
    content["metadata"] |= extra
    path.write_text(json.dumps(content))
    return path.read_bytes()


def test_the_first_filling(root: Path) -> None:
    filled = workspace.fill()
    assert sorted(filled.added) == [
        "README.md",
        "docs/lesson.png",
        "exercises/09_lazy_loading.ipynb",
        "notebooks/00_start_here.ipynb",
        "notebooks/09_lazy_loading.ipynb",
    ]
    text = (root / "work/notebooks/00_start_here.ipynb").read_text()
    assert "spoiler" not in text and "widgets" not in text
    content = nbformat.reads(text, as_version=4)
    nbformat.validate(content)
    assert content.cells[0].execution_count is None
    assert content.metadata.kernelspec.name == "python3"
    again = workspace.fill()
    assert (again.added, again.updated, again.kept) == ([], [], [])


def test_the_source_is_never_written(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*.ipynb")}
    workspace.fill()
    assert {path: path.read_bytes() for path in before} == before


def test_an_update_renews_what_is_untouched_and_keeps_what_was_changed(root: Path) -> None:
    workspace.fill()
    mine = edit(root / "work/notebooks/00_start_here.ipynb", "my own words")
    for name in ("00_start_here", "09_lazy_loading"):
        (root / f"notebooks/{name}.ipynb").write_text(notebook("better"))
    (root / "notebooks/10_choosing_a_loader.ipynb").write_text(notebook("new"))
    filled = workspace.fill()
    assert filled.added == ["notebooks/10_choosing_a_loader.ipynb"]
    assert filled.updated == ["notebooks/09_lazy_loading.ipynb"]
    assert filled.kept == ["notebooks/00_start_here.ipynb"]
    assert (root / "work/notebooks/00_start_here.ipynb").read_bytes() == mine
    assert "better" in (root / "work/notebooks/09_lazy_loading.ipynb").read_text()


def test_a_lesson_that_was_run_counts_as_changed(root: Path) -> None:
    workspace.fill()
    path = root / "work/notebooks/09_lazy_loading.ipynb"
    path.write_text(notebook("2 + 2", output="my result"))
    (root / "notebooks/09_lazy_loading.ipynb").write_text(notebook("better"))
    assert workspace.fill().kept == ["notebooks/09_lazy_loading.ipynb"]
    assert "my result" in path.read_text()


def test_opening_a_lesson_is_no_change(root: Path) -> None:
    workspace.fill()
    edit(root / "work/notebooks/09_lazy_loading.ipynb", "2 + 2", language_info={"version": "9.9"})
    (root / "notebooks/09_lazy_loading.ipynb").write_text(notebook("better"))
    assert workspace.fill().updated == ["notebooks/09_lazy_loading.ipynb"]


@pytest.mark.parametrize("manifest", [None, "{ half", "[]"])
def test_a_lost_manifest_costs_no_work(root: Path, manifest: str | None) -> None:
    workspace.fill()
    mine = edit(root / "work/notebooks/00_start_here.ipynb", "my own words")
    path = root / "work" / workspace.MANIFEST
    path.unlink() if manifest is None else path.write_text(manifest)
    filled = workspace.fill()
    assert (filled.added, filled.updated) == ([], [])
    assert filled.kept == ["notebooks/00_start_here.ipynb"]
    assert (root / "work/notebooks/00_start_here.ipynb").read_bytes() == mine


def test_a_deleted_file_comes_back(root: Path) -> None:
    workspace.fill()
    (root / "work/notebooks/00_start_here.ipynb").unlink()
    assert workspace.fill().added == ["notebooks/00_start_here.ipynb"]


@pytest.mark.parametrize(
    "wanted",
    [
        "notebooks/09_lazy_loading.ipynb",
        "notebooks/09_lazy_loading",
        "notebooks/09",
        "work/notebooks/09_lazy_loading.ipynb",
        "./work/notebooks/09_lazy_loading.ipynb",
    ],
)
def test_reset_renews_one_file_and_keeps_the_old_one(
    root: Path, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    workspace.fill()
    first = edit(root / "work/notebooks/09_lazy_loading.ipynb", "mine")
    assert workspace.renew(wanted) == (
        "notebooks/09_lazy_loading.ipynb",
        "notebooks/09_lazy_loading.yours-1.ipynb",
    )
    second = edit(root / "work/notebooks/09_lazy_loading.ipynb", "mine again")
    assert workspace.renew(wanted)[1] == "notebooks/09_lazy_loading.yours-2.ipynb"
    kept = [root / f"work/notebooks/09_lazy_loading.yours-{n}.ipynb" for n in (1, 2)]
    assert [path.read_bytes() for path in kept] == [first, second]
    assert "2 + 2" in (root / "work/notebooks/09_lazy_loading.ipynb").read_text()
    assert workspace.renew(wanted)[1] is None
    assert workspace.fill().kept == []


def test_reset_finds_a_file_from_inside_work(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.fill()
    monkeypatch.chdir(root / "work/exercises")
    assert workspace.renew("09_lazy_loading.ipynb")[0] == "exercises/09_lazy_loading.ipynb"


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("09", "could be notebooks/09_lazy_loading.ipynb or exercises/09_lazy_loading.ipynb"),
        ("notebooks/77", "no file notebooks/77"),
        ("../pyproject.toml", "no file"),
    ],
)
def test_reset_of_an_unclear_name_changes_nothing(
    root: Path, wanted: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    workspace.fill()
    with pytest.raises(CourseError, match="Nothing was changed") as caught:
        workspace.renew(wanted)
    assert says in str(caught.value)


@pytest.mark.parametrize(("options", "reason"), [("size=8k", "No space left"), ("ro,size=64k", "Read-only")])
def test_a_folder_that_cannot_be_filled(tmp_path: Path, options: str, reason: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    source = tmp_path / "source"
    (source / "notebooks").mkdir(parents=True)
    for number in range(8):
        (source / f"notebooks/{number:02}_x.ipynb").write_text(notebook("x = '" + "y" * 4000 + "'"))
    (source / "work").symlink_to(disk)
    code = (
        "import sys; from pathlib import Path; from course_lib import workspace\n"
        "from course_lib.paths import CourseError\n"
        "workspace.course_root = lambda: Path(sys.argv[1])\n"
        "try: workspace.fill()\n"
        "except CourseError as error: print(error)"
    )
    env = clean_environment(tmp_path) | {"FILLER": code}
    answer = run_on_disk(disk, options, f'"{sys.executable}" -c "$FILLER" "{source}"', env)
    assert answer.returncode == 0, answer.stderr
    assert f"The folder work/ cannot be written ({reason}" in answer.stdout
    assert "run the command again" in answer.stdout


def test_two_fillings_at_once(root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from course_lib import workspace\n"
        "workspace.course_root = lambda: Path(sys.argv[1]); workspace.fill()"
    )
    command = [sys.executable, "-c", code, str(root)]
    both = [subprocess.Popen(command, env=dict(os.environ)) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert workspace.fill() == workspace.Filled()
