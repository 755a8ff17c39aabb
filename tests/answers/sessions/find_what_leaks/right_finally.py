"""Closes by hand, on every way out."""

from sqlalchemy import select

from course_lib.shop import User


async def rename(factory, email, name):
    session = factory()
    try:
        user = await session.scalar(select(User).where(User.email == email))
        if user is None:
            return False
        user.name = name
        await session.commit()
        return True
    finally:
        await session.close()
