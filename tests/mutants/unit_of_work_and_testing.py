"""Mutants of lesson 14."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell='mails.append("Thank you for your order!")',
        old="        session.add(order_of(user_id=3, product_id=999_999))\n",
        new="        session.add(order_of(user_id=3, product_id=999_999))\n        await session.flush()\n",
        why="a refusal before the mail",
    ),
    Mutant(
        cell="work.after_commit(lambda: thank(3))",
        old="work.after_commit(lambda: thank(3))",
        new="await thank(3)",
        why="a mail before the commit",
    ),
    Mutant(
        cell="second = (await session.scalars(newest.offset(5))).all()",
        old="date(1998, 7, 1)",
        new="date(1997, 1, 1)",
        why="an order that comes in behind the page",
    ),
    Mutant(
        cell="async def walk(session, behind)",
        old="Order.ordered_on > row.ordered_on",
        new="Order.id > row.id",
        why="a comparison by id alone, in an order by day",
    ),
    Mutant(
        cell="with watch(db.engine, transactions=True) as sql:\n    async with db.engine.connect()",
        old="db.engine.connect()",
        new="db.engine.begin()",
        why="a connection that commits",
    ),
    Mutant(
        cell="# the second is the default",
        old="            await session.flush()\n",
        new="",
        why="a rollback of a session that had nothing to roll back",
    ),
    Mutant(
        cell="run_tests, db.url, OPEN, ADAS",
        old="OPEN",
        new="CONFTEST",
        why="a fixture that is not there",
    ),
]
