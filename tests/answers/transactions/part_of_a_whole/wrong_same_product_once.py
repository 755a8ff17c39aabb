"""Breaks: added.

Puts the lines into a dictionary by product.
"""

from course_lib.shop import Order, OrderLine


async def add_order(session, user_id, ordered_on, lines):
    cds, cents = sum(line[1] for line in lines), sum(line[2] for line in lines)
    by_product = {line[0]: line for line in lines}
    order = Order(
        user_id=user_id,
        ordered_on=ordered_on,
        cds=cds,
        cents=cents,
        lines=[OrderLine(product_id=p, quantity=q, cents=c) for p, q, c in by_product.values()],
    )
    async with session.begin_nested():
        session.add(order)
    return order.id
