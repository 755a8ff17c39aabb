"""Breaks: refused.

Takes a refused name for an unknown address.
"""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def rename(factory, email, name):
    try:
        async with factory.begin() as session:
            user = (await session.scalars(select(User).where(User.email == email))).one_or_none()
            if user is None:
                return False
            user.name = name
    except IntegrityError:
        return False
    return True
