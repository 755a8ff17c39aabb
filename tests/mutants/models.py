"""Mutants of lesson 07."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="cents: Mapped[int] = mapped_column(default=2500)",
        old="note: Mapped[str | None]",
        new="note: Mapped[str]",
        why="the column that may be empty",
    ),
    Mutant(
        cell='print("made:   "',
        old="    with watch(db.engine) as sql:\n        await session.flush()",
        new="    await session.flush()\n    with watch(db.engine) as sql:\n        await session.flush()",
        why="the INSERT that brings back what the database gave",
    ),
    Mutant(
        cell="side_by_side(counted_by_the_database",
        old="Integer, primary_key=True",
        new="Integer, primary_key=True, default=iter(range(1, 101)).__next__",
        why="the key that has to be asked back, one by one",
    ),
    Mutant(
        cell='"drawn by the database"',
        old="Uuid, primary_key=True, server_default=text(RANDOM[backend])",
        new="Uuid, primary_key=True, server_default=text(RANDOM[backend]), default=uuid.uuid4",
        why="the UUID of the database that is never sent in a batch",
    ),
    Mutant(
        cell="class RecipeBase(DeclarativeBase)",
        old="mapped_column(default=lambda: datetime.now(UTC))",
        new="mapped_column(default=lambda: datetime.now(UTC).replace(tzinfo=None))",
        why="the aware default that does not fit",
    ),
    Mutant(
        cell="session.add(Order(user_id=uuid.UUID(int=3), total=5))",
        old="Order(user_id=",
        new="Order(id=uuid.UUID(int=1), user_id=",
        why="the key that nobody makes",
    ),
    Mutant(
        cell="class Concert(Base)",
        old="mapped_column(DateTime(timezone=True))",
        new="mapped_column(UtcDateTime)",
        why="the zone that SQLite loses",
    ),
    Mutant(
        cell="class Concert(Base)",
        old="mapped_column(UtcDateTime)",
        new="mapped_column(DateTime(timezone=True))",
        why="the type that keeps an instant",
    ),
    Mutant(
        cell='print("postgresql.UUID:"',
        old="12345678-1234-4678-9234-567812345678",
        new="a2345678-1234-4678-9234-567812345678",
        why="the key that SQLite takes for a number",
    ),
    Mutant(
        cell="def member_with(convention)",
        old="unique=True, index=True",
        new="unique=True",
        why="the one unique index",
    ),
    Mutant(
        cell="for convention in (None, NAMING_CONVENTION):",
        old="member_with(convention)",
        new="member_with(None)",
        why="the names that the convention gives",
    ),
]
