"""Breaks: mail-fails.

Deletes the order when the mail fails.
"""

from datetime import date

from course_lib.shop import Order, OrderLine


def new_order(user_id, product_id, cents):
    line = OrderLine(product_id=product_id, quantity=1, cents=cents)
    return Order(user_id=user_id, ordered_on=date(1998, 7, 1), cds=1, cents=cents, lines=[line])


async def order_and_mail(factory, user_id, product_id, cents, mail):
    order = new_order(user_id, product_id, cents)
    async with factory.begin() as session:
        session.add(order)
    try:
        await mail(order.id)
    except Exception:
        async with factory.begin() as session:
            for line in order.lines:
                await session.delete(line)
            await session.flush()
            await session.delete(order)
        raise
    return order.id
