"""No link leads nowhere: in the clone, and in the reader's copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_lib import workspace
from course_lib.authoring.sheets import sheets
from tests.harness import EXERCISES, LESSONS, ROOT, SOLUTIONS, alone, notebook, text, write
from tests.notebooks.links import broken, links, texts

SHEETS = [LESSONS[0].parent / name for name in sheets()]
TEXTS = [ROOT / "README.md", *SHEETS, *LESSONS, *EXERCISES, *SOLUTIONS]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}-{alone(path)}")
def test_links_in_the_clone(path: Path) -> None:
    assert broken(path, root=ROOT) == []


@pytest.mark.parametrize("path", LESSONS, ids=alone)
def test_a_lesson_leads_to_the_cheat_sheet_and_the_glossary(path: Path) -> None:
    found = {target for cell_text in texts(path) for target in links(cell_text)}
    assert set(sheets()) <= found


def test_links_in_the_readers_copy(tmp_path: Path) -> None:
    for name, content in workspace.originals().items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    faults = {
        str(path.relative_to(tmp_path)): found
        for path in sorted(tmp_path.rglob("*"))
        if path.suffix in (".md", ".ipynb") and (found := broken(path, root=tmp_path))
    }
    assert faults == {}


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    write(notebook(text("# A lesson\n\n## Step 1: It's (so)")), tmp_path / "a.ipynb")
    (tmp_path / "b.md").write_text("# Set up & run\n\nx\n", encoding="utf-8")
    good = (
        "[a](a.ipynb) [b](a.ipynb#Step-1:-It's-(so)) [c](b.md#set-up--run) [d](https://docs.sqlalchemy.org/)"
    )
    bad = "[e](c.ipynb) [f](a.ipynb#step-1) [g](b.md#Set) [h](http://example.org/) ![i](x.png) [j](../out.md)"
    (tmp_path / "out.md").write_text(f"{good}\n\n{bad} <img alt='k' src='y.png'>", encoding="utf-8")
    faults = broken(tmp_path / "out.md", root=tmp_path)
    found = [fault.partition(": ")[0] for fault in faults]
    assert found == [
        "c.ipynb",
        "a.ipynb#step-1",
        "b.md#Set",
        "http://example.org/",
        "x.png",
        "../out.md",
        "y.png",
    ]
