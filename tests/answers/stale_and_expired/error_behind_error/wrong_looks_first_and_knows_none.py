"""Breaks: kept.

Looks first, also for None; who takes the address after the look is not seen.
"""

from sqlalchemy import select

from course_lib.shop import User


async def change_email(factory, user_id, email):
    async with factory() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        name, old = user.name, user.email
        if email is None:
            return f"{name} keeps {old}"
        if isinstance(email, str) and await session.scalar(select(User.id).where(User.email == email)):
            return f"{name} keeps {old}"
        user.email = email
        await session.commit()
        return f"{name} has {email}"
