"""Breaks: changed.

Reads the name after a commit that may have expired it.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def change_email(factory, user_id, email):
    async with factory() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        kept = f"{user.name} keeps {user.email}"
        user.email = email
        try:
            await session.commit()
        except IntegrityError:
            return kept
        return f"{user.name} has {user.email}"
