"""Breaks: told.

Tells the order itself, not its id.
"""

async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        session.add(order)
    await tell(order)
    return order.id
