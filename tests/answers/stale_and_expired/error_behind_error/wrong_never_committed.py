"""Breaks: changed.

Flushes, and the end of the block takes it back.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def change_email(factory, user_id, email):
    async with factory() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        name, old = user.name, user.email
        user.email = email
        try:
            await session.flush()
        except IntegrityError:
            return f"{name} keeps {old}"
        return f"{name} has {email}"
