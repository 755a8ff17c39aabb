"""Breaks: after-commit.

Tells inside the block, once the id is there.
"""


async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        session.add(order)
        await session.flush()
        await tell(order.id)
    return order.id
