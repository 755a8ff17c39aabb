"""Breaks: stored.

Compares with LIKE, for which `_` is any character, and renames whoever comes first.
"""

from sqlalchemy import select

from course_lib.shop import User


async def rename(factory, email, name):
    async with factory.begin() as session:
        user = (await session.scalars(select(User).where(User.email.like(email)))).first()
        if user is None:
            return False
        user.name = name
    return True
