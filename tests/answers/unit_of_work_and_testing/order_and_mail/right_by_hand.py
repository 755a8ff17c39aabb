"""Commits by hand, and sends the mail inside the session block: the commit gave the connection back."""

from datetime import date

from course_lib.shop import Order, OrderLine


def new_order(user_id, product_id, cents):
    line = OrderLine(product_id=product_id, quantity=1, cents=cents)
    return Order(user_id=user_id, ordered_on=date(1998, 7, 1), cds=1, cents=cents, lines=[line])


async def order_and_mail(factory, user_id, product_id, cents, mail):
    async with factory() as session:
        order = new_order(user_id, product_id, cents)
        session.add(order)
        await session.commit()
        await mail(order.id)
    return order.id
