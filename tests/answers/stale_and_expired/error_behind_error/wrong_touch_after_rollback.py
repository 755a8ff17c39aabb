"""Breaks: kept.

Reads the name after the rollback.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def change_email(factory, user_id, email):
    async with factory(expire_on_commit=False) as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        user.email = email
        try:
            await session.commit()
        except IntegrityError:
            await session.rollback()
            return f"{user.name} keeps {user.email}"
        return f"{user.name} has {user.email}"
