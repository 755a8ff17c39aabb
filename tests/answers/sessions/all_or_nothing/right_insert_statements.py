"""Two INSERT statements in one transaction, without an object."""

from sqlalchemy import insert

from course_lib.shop import Order, OrderLine


async def place_order(factory, user_id, ordered_on, lines):
    session = factory()
    try:
        values = {
            "user_id": user_id,
            "ordered_on": ordered_on,
            "cds": sum(quantity for _, quantity, _ in lines),
            "cents": sum(cents for _, _, cents in lines),
        }
        order_id = await session.scalar(insert(Order).values(values).returning(Order.id))
        rows = [
            {"order_id": order_id, "product_id": product_id, "quantity": quantity, "cents": cents}
            for product_id, quantity, cents in lines
        ]
        await session.execute(insert(OrderLine), rows)
        await session.commit()
        return order_id
    finally:
        await session.close()
