"""Breaks: goes-on.

`add` stands before the savepoint, which flushes what waits and then sets its mark.
"""

from course_lib.shop import Order, OrderLine


async def add_order(session, user_id, ordered_on, lines):
    order = Order(
        user_id=user_id,
        ordered_on=ordered_on,
        cds=sum(line[1] for line in lines),
        cents=sum(line[2] for line in lines),
        lines=[OrderLine(product_id=p, quantity=q, cents=c) for p, q, c in lines],
    )
    session.add(order)
    async with session.begin_nested():
        await session.flush()
    return order.id
