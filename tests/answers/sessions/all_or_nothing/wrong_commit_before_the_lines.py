"""Breaks: whole.

Commits the order to get its id, and then the lines.
"""

from course_lib.shop import Order, OrderLine


async def place_order(factory, user_id, ordered_on, lines):
    async with factory() as session:
        cds, cents = sum(line[1] for line in lines), sum(line[2] for line in lines)
        order = Order(user_id=user_id, ordered_on=ordered_on, cds=cds, cents=cents)
        session.add(order)
        await session.commit()
        for product_id, quantity, price in lines:
            session.add(OrderLine(order_id=order.id, product_id=product_id, quantity=quantity, cents=price))
        await session.commit()
    return order.id
