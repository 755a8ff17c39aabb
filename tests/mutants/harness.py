"""Mutants: a lesson with one thing changed must turn strict nbval red, or its saved outputs prove nothing.

All mutants of a lesson share a kernel, for starting kernels is what costs. The lesson runs in order. Before a
cell that is to be changed comes the changed one; then the imports, the sandbox and the section so far are
run anew, as by a reader who repeats a step, and the lesson goes on. What is red there counts only where every
unchanged cell before and behind it was green. Where one was red (a mutant left something behind, the kernel
died, the section cannot be repeated) the mutants not yet judged get another kernel. A mutant that was not
shown red in this way is tried alone, with the rest of its section behind it.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
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


@dataclass
class Part:
    """Some cells of a run, in one of which `mutant` is the change, if there is any."""

    cells: list[NotebookNode]
    mutant: Mutant | None = None


def place(book: NotebookNode, mutant: Mutant) -> int:
    """The number of the cell to change. Raises AssertionError where the words do not name one place."""
    places = [
        number
        for number, cell in enumerate(book.cells)
        if cell.cell_type == "code" and mutant.cell in cell.source
    ]
    assert len(places) == 1, f"{mutant.cell!r} stands in {len(places)} code cells, it must name one"
    count = book.cells[places[0]].source.count(mutant.old)
    assert count == 1, f"{mutant.old!r} stands {count} times in its cell, it must stand once"
    return places[0]


def spans(book: NotebookNode) -> Iterator[range]:
    """The numbers of each section's cells, in order; what stands above the first heading is a section too."""
    cuts = [0, *(number for number, _ in headings(book, 2) if number), len(book.cells)]
    return (range(begin, end) for begin, end in itertools.pairwise(cuts))


def mutate(book: NotebookNode, cells: range, mutant: Mutant) -> list[NotebookNode]:
    """A copy of these cells with the change in one of them."""
    copies = copy.deepcopy(book.cells[cells.start : cells.stop])
    changed = copies[place(book, mutant) - cells.start]
    changed.source = changed.source.replace(mutant.old, mutant.new)
    return copies


def plan(book: NotebookNode, mutants: list[Mutant], *, whole: bool) -> list[Part]:
    """The lesson up to its last mutant; the mutants where they belong, each with the unchanged cell behind.

    `whole`: a mutant has the rest of its section behind it; else it ends with the first cell, its own or one
    behind, that shows something.
    """
    parts: list[Part] = []
    head: list[NotebookNode] = []  # imports and sandbox: what a reader runs before repeating a step
    for span in spans(book):
        section = book.cells[span.start : span.stop]
        done = 0
        for mutant in sorted(mutants, key=lambda mutant: place(book, mutant)):
            if (number := place(book, mutant)) not in span:
                continue
            here = number - span.start
            shows = (each for each in range(number, span.stop) if book.cells[each].get("outputs"))
            stop = span.stop if whole else next(shows, number) + 1
            parts.append(Part(section[done:here] if done <= here else [*head, *section[:here]]))
            parts.append(Part(mutate(book, range(number, stop), mutant), mutant))
            done = here + 1
            parts.append(Part([*head, *section[:done]]))
        parts.append(Part(section[done:]))
        head = head or [cell for cell in section if cell.cell_type == "code"][:2]
    last = max(number for number, part in enumerate(parts) if part.mutant)
    return parts[: last + 2]


def run(plans: list[list[Part]], folder: Path) -> list[list[str]]:
    """Run each of these plans in a kernel of its own, all under one strict nbval.

    For each part what was red in it, "" where green.
    """
    for number, parts in enumerate(plans):
        book = NotebookNode(nbformat=4, nbformat_minor=5, metadata={}, cells=[])
        for each, cell in enumerate(copy.deepcopy([cell for part in parts for cell in part.cells])):
            book.cells.append(NotebookNode(cell, id=f"cell-{each}"))
        write(book, folder / f"plan_{number}.ipynb")
    faults = nbval(folder) if plans else {}
    return [_told(parts, faults[f"plan_{number}.ipynb"]) for number, parts in enumerate(plans)]


def _told(parts: list[Part], faults: dict[int, str]) -> list[str]:
    told, first = [], 0
    for part in parts:
        last = first + sum(cell.cell_type == "code" for cell in part.cells)
        told.append("\n".join(faults[number] for number in range(first, last) if number in faults))
        first = last
    return told


def survivors(book: NotebookNode, mutants: list[Mutant], folder: Path) -> list[str]:
    """What the mutants are about that strict nbval lets pass.

    Raises AssertionError where the unchanged lesson is red itself.
    """
    unsure = _not_shown_red(book, mutants, folder)
    passed = []
    told = run([plan_alone(book, mutant) for mutant in unsure], folder / "alone")
    for mutant, (before, changed) in zip(unsure, told, strict=True):
        assert not before, f"the lesson itself is red:\n{before}"
        passed += [] if changed else [mutant.why]
    return passed


def plan_alone(book: NotebookNode, mutant: Mutant) -> list[Part]:
    """The lesson up to the mutant, and the rest of its section."""
    *before, changed, _ = plan(book, [mutant], whole=True)
    return [Part([cell for part in before for cell in part.cells]), changed]


def _not_shown_red(book: NotebookNode, mutants: list[Mutant], folder: Path) -> list[Mutant]:
    """Those that were not red in a kernel which was sound before and after."""
    unsure: list[Mutant] = []
    left = list(mutants)
    while left:
        parts = plan(book, left, whole=False)
        (told,) = run([parts], folder / f"shared-{len(left)}")
        judged: list[Mutant] = []
        for part, red in zip(parts, told, strict=True):
            if part.mutant:
                judged.append(part.mutant)
                unsure += [] if red else [part.mutant]
            elif red:
                assert judged, f"the lesson itself is red:\n{red}"
                unsure += [] if judged[-1] in unsure else [judged[-1]]
                break
        left = [mutant for mutant in left if mutant not in judged]
    return unsure
