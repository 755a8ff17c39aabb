"""Breaks: kept.

Looks whether the address is taken; None is taken by nobody.
"""

from sqlalchemy import select

from course_lib.shop import User


async def change_email(factory, user_id, email):
    async with factory() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        name, old = user.name, user.email
        if isinstance(email, str) and await session.scalar(select(User.id).where(User.email == email)):
            return f"{name} keeps {old}"
        user.email = email
        await session.commit()
        return f"{name} has {email}"
