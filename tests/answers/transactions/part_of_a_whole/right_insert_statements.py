"""Sends INSERT statements inside a savepoint."""

from sqlalchemy import insert

from course_lib.shop import Order, OrderLine


async def add_order(session, user_id, ordered_on, lines):
    cds, cents = sum(line[1] for line in lines), sum(line[2] for line in lines)
    async with session.begin_nested():
        values = {"user_id": user_id, "ordered_on": ordered_on, "cds": cds, "cents": cents}
        order_id = await session.scalar(insert(Order).values(**values).returning(Order.id))
        for product_id, quantity, price in lines:
            line = {"order_id": order_id, "product_id": product_id, "quantity": quantity, "cents": price}
            await session.execute(insert(OrderLine).values(**line))
    return order_id
