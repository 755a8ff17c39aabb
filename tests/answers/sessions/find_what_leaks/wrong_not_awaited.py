"""Breaks: common/never-awaited.

Mends the leak and keeps the commit that is never awaited.
"""

from sqlalchemy import select

from course_lib.shop import User


async def rename(factory, email, name):
    async with factory() as session:
        user = (await session.scalars(select(User).where(User.email == email))).one_or_none()
        if user is None:
            return False
        user.name = name
        await session.flush()
        session.commit()
    return True
