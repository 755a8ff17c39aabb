"""Mutants of lesson 08."""

from tests.mutants.harness import Mutant

MUTANTS = [
    Mutant(
        cell='print("sent:", sql.sent',
        old="        await session.flush()",
        new="        session.add(order)\n        await session.flush()",
        why="the order that no session knows",
    ),
    Mutant(
        cell="user.orders.append(Order(",
        old="user.orders.append(",
        new="(await user.awaitable_attrs.orders).append(",
        why="the touch that fails, awaited",
    ),
    Mutant(
        cell="by_key = Order(user_id=user.id",
        old="Order(user_id=user.id",
        new="Order(user=user",
        why="the list that does not hear of a key",
    ),
    Mutant(
        cell="Customer, Bought = shop_with(lazy)",
        old="limit(10)",
        new="limit(10).options(selectinload(Customer.bought))",
        why="what each setting sends by itself",
    ),
    Mutant(
        cell="for number, sql_only in ((4, False), (5, True)):",
        old="user = await session.get(User, 3)",
        new="pass",
        why="the user that lies in the identity map",
    ),
    Mutant(
        cell="alone = await deleted(",
        old="await session.delete(member)",
        new="await session.execute(delete(Member))",
        why="what the cascade of the session sends",
    ),
    Mutant(
        cell="SETTINGS = {",
        old='"ON DELETE": {"ondelete": "CASCADE"}',
        new='"ON DELETE": {"ondelete": "CASCADE", "passive_deletes": "all"}',
        why="the setting that holds one way only",
    ),
    Mutant(
        cell="member.purchases.pop()",
        old='**SETTINGS["both"]',
        new='ondelete="CASCADE", cascade="all, delete"',
        why="the purchase that leaves its list",
    ),
    Mutant(
        cell="plain = create_async_engine(lite.url)",
        old="create_async_engine(lite.url)",
        new="make_engine(lite.url)",
        why="the foreign keys that SQLite does not look at",
    ),
    Mutant(
        cell="list(customer.bought)",
        old="list(customer.bought)",
        new="customer.bought.select()",
        why="the list that cannot be read",
    ),
]
