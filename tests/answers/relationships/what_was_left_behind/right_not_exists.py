"""NOT EXISTS instead of NOT IN."""

from sqlalchemy import delete, select

from course_lib.shop import Order, OrderLine, User


async def remove_orphans(session):
    owned = select(User.id).where(User.id == Order.user_id).correlate(Order).exists()
    kept = select(Order.id).where(Order.id == OrderLine.order_id, owned).correlate(OrderLine).exists()
    lines = await session.execute(delete(OrderLine).where(~kept).execution_options(synchronize_session=False))
    orders = await session.execute(delete(Order).where(~owned).execution_options(synchronize_session=False))
    return orders.rowcount, lines.rowcount
