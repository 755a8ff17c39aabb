"""With the pattern, and the mail named inside."""

from datetime import date

from course_lib.shop import Order, OrderLine


def new_order(user_id, product_id, cents):
    line = OrderLine(product_id=product_id, quantity=1, cents=cents)
    return Order(user_id=user_id, ordered_on=date(1998, 7, 1), cds=1, cents=cents, lines=[line])


async def order_and_mail(factory, user_id, product_id, cents, mail):
    from course_lib.patterns import unit_of_work

    async with unit_of_work(factory) as work:
        order = new_order(user_id, product_id, cents)
        work.session.add(order)
        work.after_commit(lambda: mail(order.id))
    return order.id
