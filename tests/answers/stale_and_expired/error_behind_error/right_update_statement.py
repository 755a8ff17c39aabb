"""Sends an UPDATE, and asks for columns."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def change_email(factory, user_id, email):
    word = "has"
    try:
        async with factory.begin() as session:
            await session.execute(update(User).where(User.id == user_id).values(email=email))
    except IntegrityError:
        word = "keeps"
    async with factory() as session:
        found = await session.execute(select(User.name, User.email).where(User.id == user_id))
        row = found.one_or_none()
    return row and f"{row.name} {word} {row.email}"
