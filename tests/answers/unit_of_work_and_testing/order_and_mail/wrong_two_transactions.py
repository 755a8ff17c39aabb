"""Breaks: refused.

Commits the order before its line.
"""

from datetime import date

from course_lib.shop import Order, OrderLine


async def order_and_mail(factory, user_id, product_id, cents, mail):
    order = Order(user_id=user_id, ordered_on=date(1998, 7, 1), cds=1, cents=cents)
    async with factory.begin() as session:
        session.add(order)
    async with factory.begin() as session:
        session.add(OrderLine(order_id=order.id, product_id=product_id, quantity=1, cents=cents))
    await mail(order.id)
    return order.id
