"""Breaks: given-back.

The colleague's early return leaves with the connection.
"""

from sqlalchemy import select

from course_lib.shop import User


async def rename(factory, email, name):
    session = factory()
    user = (await session.scalars(select(User).where(User.email == email))).one_or_none()
    if user is None:
        return False
    try:
        user.name = name
        await session.commit()
    finally:
        await session.close()
    return True
