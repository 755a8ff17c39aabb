"""Mutants of lesson 09."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="user = await session.get(User, 3)\n    user.orders",
        old="    user.orders",
        new="    await user.awaitable_attrs.orders",
        why="the touch that fails, awaited",
    ),
    Mutant(
        cell='for backend in ("sqlite", "postgresql")',
        old="                user.orders",
        new="                user.name",
        why="a column that was loaded is touched instead",
    ),
    Mutant(
        cell="first = await user.awaitable_attrs.orders",
        old="await user.awaitable_attrs.orders\n        again",
        new="list(user.orders)\n        again",
        why="a missing await",
    ),
    Mutant(
        cell="total += len(await user.awaitable_attrs.orders)",
        old="select(User).order_by(User.id)",
        new="select(User).options(selectinload(User.orders)).order_by(User.id)",
        why="the loop that is N+1, loaded before",
    ),
    Mutant(
        cell="statement = select(User).options(selectinload(User.orders))\n",
        old="selectinload(User.orders)",
        new="selectinload(User.tags)",
        why="a loader for another relationship",
    ),
    Mutant(
        cell="db = await fresh(users=1200)",
        old="users=1200",
        new="users=400",
        why="fewer users than one batch",
    ),
    Mutant(
        cell="same = await session.get(User, 3, options=",
        old="options=[selectinload(User.orders)]",
        new="options=[selectinload(User.orders)], populate_existing=True",
        why="the option that was ignored is heeded",
    ),
    Mutant(
        cell="await session.refresh(user)",
        old="session.refresh(user)",
        new='session.refresh(user, ["name"])',
        why="a refresh that names what it reads",
    ),
    Mutant(
        cell='print("touched:", error)',
        old="with_exactly(select(User), selectinload(User.orders))",
        new="select(User).options(selectinload(User.orders))",
        why="the guard left out",
    ),
]
