"""Breaks: customers.

Deletes whoever is asked for, with all orders.
"""

from sqlalchemy import delete, select

from course_lib.shop import Order, OrderLine, User


async def forget_visitor(sessions, user_id):
    async with sessions.begin() as session:
        orders = select(Order.id).where(Order.user_id == user_id)
        await session.execute(delete(OrderLine).where(OrderLine.order_id.in_(orders)))
        await session.execute(delete(Order).where(Order.user_id == user_id))
        return (await session.execute(delete(User).where(User.id == user_id))).rowcount == 1
