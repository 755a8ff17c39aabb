"""Breaks: given-back.

The commit gave the connection back, and the refresh takes one again.
"""

from sqlalchemy import select

from course_lib.shop import User


async def rename(factory, email, name):
    session = factory()
    try:
        user = (await session.scalars(select(User).where(User.email == email))).one_or_none()
        if user is not None:
            user.name = name
        await session.commit()
    except BaseException:
        await session.close()
        raise
    if user is None:
        return False
    await session.refresh(user)
    return user.name == name
