"""Breaks: stored.

Takes the price of the list for the line, and the agreed one for the order.
"""

from datetime import date

from course_lib.shop import Order, OrderLine


def new_order(user_id, product_id, cents):
    line = OrderLine(product_id=product_id, quantity=1, cents=cents)
    return Order(user_id=user_id, ordered_on=date(1998, 7, 1), cds=1, cents=cents, lines=[line])


async def order_and_mail(factory, user_id, product_id, cents, mail):
    from course_lib.shop import Product

    order = new_order(user_id, product_id, cents)
    async with factory.begin() as session:
        product = await session.get(Product, product_id)
        if product is not None:
            order.lines[0].cents = product.cents
        session.add(order)
    await mail(order.id)
    return order.id
