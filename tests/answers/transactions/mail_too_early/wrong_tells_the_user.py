"""Breaks: told.

Tells the id of the user.
"""


async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        session.add(order)
    await tell(order.user_id)
    return order.id
