"""Breaks: whole.

The order in one session, the lines in another: two transactions.
"""

from course_lib.shop import Order, OrderLine


async def place_order(factory, user_id, ordered_on, lines):
    cds, cents = sum(line[1] for line in lines), sum(line[2] for line in lines)
    async with factory.begin() as session:
        order = Order(user_id=user_id, ordered_on=ordered_on, cds=cds, cents=cents)
        session.add(order)
    async with factory.begin() as session:
        session.add_all(
            [OrderLine(order_id=order.id, product_id=p, quantity=q, cents=c) for p, q, c in lines]
        )
    return order.id
