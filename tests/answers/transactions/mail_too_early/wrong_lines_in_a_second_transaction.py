"""Breaks: refused.

The order is committed before its lines can be refused.
"""


async def order_and_tell(factory, order, tell):
    lines = list(order.lines)
    order.lines = []
    async with factory.begin() as session:
        session.add(order)
    async with factory.begin() as session:
        for line in lines:
            line.order_id = order.id
            session.add(line)
    await tell(order.id)
    return order.id
