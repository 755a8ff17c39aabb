"""Mutants of lesson 00."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="limit(5)",
        old="order_by(User.id).limit(5)",
        new="order_by(User.id.desc()).limit(5)",
        why="the first five users, not the last",
    ),
    Mutant(
        cell="order.ordered_on",
        old="User, 3",
        new="User, 4",
        why="the orders of user 3",
    ),
    Mutant(
        cell="total += len(await ",
        old="order_by(User.id)",
        new="order_by(User.id).options(selectinload(User.orders))",
        why="N+1, which the loader would hide",
    ),
    Mutant(
        cell="total += len(user.orders)",
        old="options(selectinload(User.orders))",
        new="options(selectinload(User.orders), selectinload(User.tags))",
        why="two statements, where a second loader makes three",
    ),
    Mutant(
        cell="total += len(user.orders)",
        old="statement = statement.options(selectinload(User.orders))",
        new="statement = statement.limit(100)",
        why="the loader without which the touch raises",
    ),
    Mutant(
        cell='print("sqlite:"',
        old="(await session.scalars(slip)).one_or_none()",
        new="await session.get(User, 4)",
        why="SQLite finds user 3 for a text",
    ),
]
