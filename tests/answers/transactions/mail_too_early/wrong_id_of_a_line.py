"""Breaks: id.

Gives the id of the first line.
"""


async def order_and_tell(factory, order, tell):
    async with factory.begin() as session:
        session.add(order)
    await tell(order.id)
    return order.lines[0].id + 1_000_000
