"""Breaks: after-commit.

Takes the release of a savepoint for a commit.
"""


async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        async with session.begin_nested():
            session.add(order)
        await tell(order.id)
        return order.id
