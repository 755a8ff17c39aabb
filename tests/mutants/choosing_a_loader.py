"""Mutants of lesson 10."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell="session.scalars(users_with_orders)).all()",
        old=".all()",
        new=".unique().all()",
        why="the joined collection that asks for unique()",
    ),
    Mutant(
        cell="session.scalars(users_with_orders)).unique().all()",
        old="joinedload(User.orders)",
        new="selectinload(User.orders)",
        why="one statement, with a row for each order and each visitor",
    ),
    Mutant(
        cell="session.scalars(users_with_orders)).unique().all()",
        old=".where(User.id >= 3))",
        new=".where(User.id == 3))",
        why="first(), which fetches the rows of everybody behind it",
    ),
    Mutant(
        cell="for loader in (joinedload, selectinload)",
        old="loader(Order.user)",
        new="selectinload(Order.user)",
        why="a many-to-one that is joined in one statement",
    ),
    Mutant(
        cell="async def cost(statement, loads)",
        old="joinedload(Order.lines), joinedload(User.tags)",
        new="joinedload(Order.lines), selectinload(User.tags)",
        why="two joined collections that multiply",
    ),
    Mutant(
        cell="everything = select(User.id, Tag.id)",
        old="true()",
        new="Tag.id < 8",
        why="the rows when everybody has all eight tags",
    ),
    Mutant(
        cell="ten = select(User)",
        old="joinedload(User.orders)",
        new="selectinload(User.orders)",
        why="the LIMIT inside a subquery",
    ),
    Mutant(
        cell="own_join = select(User)",
        old=".join(User.orders)",
        new=".where(User.orders.any())",
        why="the LIMIT that counts the rows of one's own join",
    ),
    Mutant(
        cell="unordered = select(User)",
        old="subqueryload(User.orders)",
        new="selectinload(User.orders)",
        why="the limited query that runs twice and disagrees with itself",
    ),
    Mutant(
        cell="big = (",
        old="contains_eager(User.orders)",
        new="selectinload(User.orders)",
        why="the collection filled from the filtered join",
    ),
    Mutant(
        cell="afresh = again",
        old="populate_existing=True",
        new="populate_existing=False",
        why="what mends a collection that is loaded already",
    ),
    Mutant(
        cell="spent = (",
        old=".outerjoin(User.orders)",
        new=".join(User.orders)",
        why="the visitors with no order and no sum",
    ),
    Mutant(
        cell="earned = select",
        old=".outerjoin(User.tags)",
        new="",
        why="the sum that a join with the tags multiplies",
    ),
    Mutant(
        cell="cents = select(func.sum",
        old="select(User.id, cents, tags)",
        new="select(User.id, cents, tags).join(User.tags)",
        why="the sums that stand for one user each",
    ),
]
