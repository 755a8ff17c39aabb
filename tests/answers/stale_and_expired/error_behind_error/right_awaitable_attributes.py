"""Awaits each attribute that may be expired."""

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
            word = "has"
        except IntegrityError:
            await session.rollback()
            word = "keeps"
        return f"{await user.awaitable_attrs.name} {word} {await user.awaitable_attrs.email}"
