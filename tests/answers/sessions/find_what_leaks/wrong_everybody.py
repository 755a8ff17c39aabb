"""Breaks: stored.

An UPDATE without its condition.
"""

from sqlalchemy import select, update

from course_lib.shop import User


async def rename(factory, email, name):
    async with factory.begin() as session:
        if await session.scalar(select(User.id).where(User.email == email)) is None:
            return False
        await session.execute(update(User).values(name=name))
        return True
