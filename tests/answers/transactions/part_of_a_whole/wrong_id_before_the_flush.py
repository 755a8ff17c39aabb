"""Breaks: id.

Reads the id before the INSERT is sent.
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
    async with session.begin_nested():
        session.add(order)
        order_id = order.id
    return order_id
