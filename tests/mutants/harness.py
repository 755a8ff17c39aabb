"""Mutants: a lesson with one thing changed must turn strict nbval red, or its saved outputs prove nothing."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tests.harness import nbval, write
from tests.notebooks.form import headings


@dataclass(frozen=True)
class Mutant:
    """One change: in the one code cell that holds `cell`, the text `old` becomes `new`.

    `why` says what a reader would no longer be shown rightly.
    """

    cell: str
    old: str
    new: str
    why: str


def mutate(book: NotebookNode, mutant: Mutant) -> NotebookNode:
    """A changed copy of `book`, cut off at the end of the changed cell's section.

    Raises AssertionError where the words do not name one place.
    """
    places = [
        place
        for place, cell in enumerate(book.cells)
        if cell.cell_type == "code" and mutant.cell in cell.source
    ]
    assert len(places) == 1, f"{mutant.cell!r} stands in {len(places)} code cells, it must name one"
    result = copy.deepcopy(book)
    cell = result.cells[places[0]]
    assert cell.source.count(mutant.old) == 1, f"{mutant.old!r} stands {cell.source.count(mutant.old)} times"
    cell.source = cell.source.replace(mutant.old, mutant.new)
    ends = [place for place, _ in headings(book, 2) if place > places[0]]
    result.cells = result.cells[: min(ends, default=len(result.cells))]
    return result


def survivors(book: NotebookNode, mutants: list[Mutant], folder: Path) -> list[str]:
    """The mutants that strict nbval lets pass. All copies run in one other process.

    Raises AssertionError where the unchanged notebook is red itself.
    """
    write(book, folder / "unchanged.ipynb")
    for number, mutant in enumerate(mutants):
        write(mutate(book, mutant), folder / f"mutant_{number}.ipynb")
    faults = nbval(folder)
    assert not faults["unchanged.ipynb"], f"the lesson itself is red: {faults['unchanged.ipynb']}"
    return [mutant.why for number, mutant in enumerate(mutants) if not faults[f"mutant_{number}.ipynb"]]
