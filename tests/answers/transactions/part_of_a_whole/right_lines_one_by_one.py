"""Flushes for the id and adds the lines to it, all inside the savepoint."""

from course_lib.shop import Order, OrderLine


async def add_order(session, user_id, ordered_on, lines):
    async with session.begin_nested():
        order = Order(user_id=user_id, ordered_on=ordered_on, cds=0, cents=0)
        session.add(order)
        await session.flush()
        for product_id, quantity, price in lines:
            session.add(OrderLine(order_id=order.id, product_id=product_id, quantity=quantity, cents=price))
            order.cds += quantity
            order.cents += price
    return order.id
