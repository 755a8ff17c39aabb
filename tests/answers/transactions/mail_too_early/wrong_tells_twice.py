"""Breaks: told.

Tells once for the database and once for good luck.
"""


async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        session.add(order)
    await tell(order.id)
    await tell(order.id)
    return order.id
