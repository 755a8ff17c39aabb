"""Breaks: others.

Takes every error for a refused address.
"""

from course_lib.shop import User


async def change_email(factory, user_id, email):
    async with factory() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        name, old = user.name, user.email
        user.email = email
        try:
            await session.commit()
        except Exception:
            return f"{name} keeps {old}"
        return f"{name} has {email}"
