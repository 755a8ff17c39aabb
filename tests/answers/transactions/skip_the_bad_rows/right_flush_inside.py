"""Flushes inside the block and catches there, before the block goes back."""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def add_users(session, rows):
    refused = []
    for place, row in enumerate(rows):
        savepoint = await session.begin_nested()
        session.add(User(**row))
        try:
            await session.flush()
        except IntegrityError:
            await savepoint.rollback()
            refused.append(place)
            continue
        await savepoint.commit()
    return refused
