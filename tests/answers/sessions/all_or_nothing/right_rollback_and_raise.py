"""The common recipe's form: commit, and roll back before the error goes on."""

from course_lib.shop import Order, OrderLine


async def place_order(factory, user_id, ordered_on, lines):
    async with factory() as session:
        try:
            order = Order(user_id=user_id, ordered_on=ordered_on, cds=0, cents=0)
            for product_id, quantity, cents in lines:
                line = OrderLine(order=order, product_id=product_id, quantity=quantity, cents=cents)
                session.add(line)
                order.cds += quantity
                order.cents += cents
            await session.commit()
            return order.id
        except Exception:
            await session.rollback()
            raise
