"""Breaks: given-back-on-error.

Closes on both returns, and an exception passes them both.
"""

from sqlalchemy import select

from course_lib.shop import User


async def rename(factory, email, name):
    session = factory()
    user = (await session.scalars(select(User).where(User.email == email))).one_or_none()
    if user is None:
        await session.close()
        return False
    user.name = name
    await session.commit()
    await session.close()
    return True
