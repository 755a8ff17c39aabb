"""Breaks: order.

Asks for the ids afterwards, and takes them as they come.
"""

from sqlalchemy import insert, select

from course_lib.shop import User


async def add_users(session, rows):
    if not rows:
        return []
    await session.execute(insert(User), rows)
    emails = [row["email"] for row in rows]
    return list(await session.scalars(select(User.id).where(User.email.in_(emails))))
