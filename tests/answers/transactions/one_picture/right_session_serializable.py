"""Through a session, at SERIALIZABLE."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from course_lib.shop import Order, User


async def totals(engine):
    async with AsyncSession(engine) as session:
        await session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
        return {
            "users": await session.scalar(select(func.count(User.id))),
            "orders": await session.scalar(select(func.count(Order.id))),
            "cents": await session.scalar(select(func.sum(Order.cents))) or 0,
        }
