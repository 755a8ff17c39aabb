"""Breaks: unknown.

Makes a sentence of nobody.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def change_email(factory, user_id, email):
    async with factory() as session:
        user = await session.get(User, user_id)
        if user is None:
            return "nobody"
        name, old = user.name, user.email
        user.email = email
        try:
            await session.commit()
        except IntegrityError:
            return f"{name} keeps {old}"
        return f"{name} has {email}"
