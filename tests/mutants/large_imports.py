"""Mutants of lesson 12."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="async def add_in_chunks",
        old="        if flush_each:",
        new="        if not flush_each:",
        why="a flush in the loop, and one at the end",
    ),
    Mutant(
        cell="async for chunk in in_chunks(sales(4000), 1000)",
        old="in_chunks(sales(4000), 1000)",
        new="in_chunks(sales(4000), 500)",
        why="chunks of another size",
    ),
    Mutant(
        cell="db.sessions.begin() as session:\n        async for chunk in in_chunks(broken",
        old="            await session.execute(insert(Sale), chunk)",
        new="            await session.execute(insert(Sale), chunk)\n            await session.commit()",
        why="a commit in each chunk, where the lesson has none",
    ),
    Mutant(
        cell='print("the note:"',
        old='broken(sales(4000), 3500), write, job="the books"',
        new="broken(sales(4000), 3500), write, job=None",
        why="a load without a note",
    ),
    Mutant(
        cell="corrected = ",
        old="await session.refresh(sale)",
        new="await session.get(Sale, 7)",
        why="a held object that is not renewed",
    ),
    Mutant(
        cell='(("plain", plain)',
        old="plain.returning(Sale.number)",
        new="plain",
        why="the upsert without returning, twice",
    ),
    Mutant(
        cell="copy_records_to_table",
        old="((1, False), (2001, True))",
        new="((1, True), (2001, True))",
        why="a statement before the COPY that has none",
    ),
]
