"""Breaks: budget.

Asks once more for each user.
"""

from sqlalchemy import select

from course_lib.shop import Order, User


async def big_orders(session, cents):
    users = select(User).where(User.orders.any(Order.cents >= cents)).order_by(User.id)
    big = select(Order).where(Order.cents >= cents).order_by(Order.id)
    return [
        (user, list(await session.scalars(big.where(Order.user_id == user.id))))
        for user in (await session.scalars(users)).all()
    ]
