"""The orphans are loaded, and deleted by their ids in one statement each."""

from sqlalchemy import delete, select

from course_lib.shop import Order, OrderLine, User


async def remove_orphans(session):
    users = set(await session.scalars(select(User.id)))
    orders = (await session.execute(select(Order.id, Order.user_id))).all()
    lost = [key for key, user in orders if user not in users]
    good = [key for key, user in orders if user in users]
    lines = await session.execute(delete(OrderLine).where(OrderLine.order_id.not_in(good)))
    await session.execute(delete(Order).where(Order.id.in_(lost)))
    return len(lost), lines.rowcount
