"""Reads the user again, after the commit or the rollback."""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def change_email(factory, user_id, email):
    async with factory() as session:
        user = await session.get(User, user_id)
        if user is None:
            return None
        user.email = email
        try:
            await session.commit()
        except IntegrityError:
            await session.rollback()
            await session.refresh(user)
            return f"{user.name} keeps {user.email}"
        await session.refresh(user)
        return f"{user.name} has {user.email}"
