"""Each fact of the table is shown by a tagged cell where the table says, and no tag stands elsewhere."""

from __future__ import annotations

import re

from nbformat import NotebookNode

from tests.facts_table import FACTS, LEDGER, Fact
from tests.harness import LESSONS, code, notebook, read
from tests.notebooks.form import code_cells, tags

ALL: dict[str, Fact] = {key: fact for facts in FACTS.values() for key, fact in facts.items()}


def shown(book: NotebookNode) -> set[str]:
    """Ids of the facts that a notebook's code cells carry."""
    return {
        tag.removeprefix("fact-")
        for cell in code_cells(book)
        for tag in tags(cell)
        if tag.startswith("fact-")
    }


def faults(books: dict[str, NotebookNode], facts: dict[str, Fact]) -> list[str]:
    """Where table and notebooks disagree."""
    found = []
    for name, book in books.items():
        mapped = {key for key, fact in facts.items() if name in fact.places}
        found += [f"{name}: no cell is tagged fact-{key}" for key in sorted(mapped - shown(book))]
        found += [f"{name}: fact-{key} is not in the table for it" for key in sorted(shown(book) - mapped)]
    return found


def test_lessons_and_table_agree() -> None:
    found = faults({path.stem: read(path) for path in LESSONS}, ALL)
    assert not found, "\n".join(found)


def test_every_fact_has_a_place() -> None:
    assert len(ALL) == sum(map(len, FACTS.values())), "an id stands twice"
    written = [path.stem[:2] for path in LESSONS]
    for key, fact in ALL.items():
        assert fact.places, key
        for place in fact.places:
            assert place == LEDGER or re.fullmatch(r"waits: \d\d|\d\d_\w+", place), f"{key}: {place}"
            if place.startswith("waits: "):
                assert place[-2:] not in written, f"fact {key} waits for a lesson that is written"


def test_disagreement_is_found() -> None:
    books = {"09_a": notebook(code("x = 1", "fact-1", "fact-9"))}
    facts = {"1": Fact("one", ("09_a",)), "2": Fact("two", ("09_a",)), "3": Fact("three", ("waits: 10",))}
    assert faults(books, facts) == [
        "09_a: no cell is tagged fact-2",
        "09_a: fact-9 is not in the table for it",
    ]
