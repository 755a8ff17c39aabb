"""Mutants of lesson 11."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="with watch(other.engine) as seen[backend]:\n                await session.flush()",
        old="[User(**row) for row in newcomers(1500)]",
        new="[User(id=n, **row) for n, row in enumerate(newcomers(1500), 1)]",
        why="keys that are given need not come back",
    ),
    Mutant(
        cell='"given by you"',
        old='Random(id=uuid.uuid4(), title="Blue")',
        new='Random(title="Blue")',
        why="a key that SQLAlchemy makes instead of one that is given",
    ),
    Mutant(
        cell="await session.execute(insert(User), newcomers(1500))",
        old="insert(User), newcomers(1500)",
        new="insert(User).returning(User.id), newcomers(1500)",
        why="ids that come back although nobody needs them",
    ),
    Mutant(
        cell="rows = newcomers(0)",
        old="        if rows:",
        new="        if rows is not None:",
        why="the guard for an empty list left out",
    ),
    Mutant(
        cell="sort_by_parameter_order=promised",
        old="sort_by_parameter_order=promised",
        new="sort_by_parameter_order=False",
        why="no order is promised",
    ),
    Mutant(
        cell='"topci": "blues"},\n        {"email": "dora',
        old="insert(Subscriber), rows)",
        new='insert(Subscriber), rows, execution_options={"render_nulls": True})',
        why="a None that stays a None",
    ),
    Mutant(
        cell='print("insert_rows, INSERTs:", sql.sent)',
        old="await insert_rows(session, Subscriber, uneven)",
        new="await session.execute(insert(Subscriber), uneven)",
        why="uneven rows that nobody groups",
    ),
]
