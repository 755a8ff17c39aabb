"""Breaks: released.

Reads the order once more before the mail, and keeps the connection meanwhile.
"""

from datetime import date

from course_lib.shop import Order, OrderLine


def new_order(user_id, product_id, cents):
    line = OrderLine(product_id=product_id, quantity=1, cents=cents)
    return Order(user_id=user_id, ordered_on=date(1998, 7, 1), cds=1, cents=cents, lines=[line])


async def order_and_mail(factory, user_id, product_id, cents, mail):
    order = new_order(user_id, product_id, cents)
    async with factory() as session:
        session.add(order)
        await session.commit()
        await session.refresh(order)
        await mail(order.id)
    return order.id
