"""Breaks: whole.

Makes sure that nothing can be refused, and then commits the order and its lines one after the other.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import Order, OrderLine, Product, User


async def place_order(factory, user_id, ordered_on, lines):
    async with factory() as session:
        there = [await session.get(Product, line[0]) for line in lines]
        if None in there or await session.get(User, user_id) is None:
            raise IntegrityError("no such product or user", None, ValueError("refused"))
        cds, cents = sum(line[1] for line in lines), sum(line[2] for line in lines)
        order = Order(user_id=user_id, ordered_on=ordered_on, cds=cds, cents=cents)
        session.add(order)
        await session.commit()
    async with factory.begin() as session:
        for product_id, quantity, price in lines:
            session.add(OrderLine(order_id=order.id, product_id=product_id, quantity=quantity, cents=price))
    return order.id
