"""Breaks: whole.

Commits the order, then the lines, and deletes the order again when they are refused.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import Order, OrderLine


async def place_order(factory, user_id, ordered_on, lines):
    async with factory() as session:
        cds, cents = sum(line[1] for line in lines), sum(line[2] for line in lines)
        order = Order(user_id=user_id, ordered_on=ordered_on, cds=cds, cents=cents)
        session.add(order)
        await session.commit()
        try:
            for product_id, quantity, price in lines:
                line = OrderLine(order_id=order.id, product_id=product_id, quantity=quantity, cents=price)
                session.add(line)
            await session.commit()
        except IntegrityError:
            await session.rollback()
            await session.refresh(order)
            await session.delete(order)
            await session.commit()
            raise
    return order.id
