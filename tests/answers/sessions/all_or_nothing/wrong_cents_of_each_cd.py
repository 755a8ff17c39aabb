"""Breaks: cents.

Takes the cents of a line for those of one CD.
"""

from course_lib.shop import Order, OrderLine


async def place_order(factory, user_id, ordered_on, lines):
    order = Order(
        user_id=user_id,
        ordered_on=ordered_on,
        cds=sum(line[1] for line in lines),
        cents=sum(line[1] * line[2] for line in lines),
        lines=[OrderLine(product_id=p, quantity=q, cents=c) for p, q, c in lines],
    )
    async with factory.begin() as session:
        session.add(order)
    return order.id
