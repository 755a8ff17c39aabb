"""Breaks: told.

Stores the order and forgets to tell.
"""


async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        session.add(order)
    return order.id
