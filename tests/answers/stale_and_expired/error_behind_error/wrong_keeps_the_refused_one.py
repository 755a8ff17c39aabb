"""Breaks: kept.

Names the address that was refused.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def change_email(factory, user_id, email):
    async with factory() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        name = user.name
        user.email = email
        try:
            await session.commit()
        except IntegrityError:
            return f"{name} keeps {email}"
        return f"{name} has {email}"
