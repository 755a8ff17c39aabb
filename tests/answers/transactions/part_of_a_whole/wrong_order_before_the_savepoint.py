"""Breaks: nothing-left.

Flushes the order before the savepoint, for its id.
"""

from course_lib.shop import Order, OrderLine


async def add_order(session, user_id, ordered_on, lines):
    cds, cents = sum(line[1] for line in lines), sum(line[2] for line in lines)
    async with session.begin_nested():
        order = Order(user_id=user_id, ordered_on=ordered_on, cds=cds, cents=cents)
        session.add(order)
    async with session.begin_nested():
        for product_id, quantity, price in lines:
            session.add(OrderLine(order_id=order.id, product_id=product_id, quantity=quantity, cents=price))
    return order.id
