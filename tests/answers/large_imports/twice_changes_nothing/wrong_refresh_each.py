"""Breaks: budget.

One statement for the rows, and one more for each object that is held.
"""

from course_lib.patterns import upsert_rows
from course_lib.shop import User


async def upsert_users(session, rows):
    await upsert_rows(session, User, rows, key=["email"])
    for user in list(session):
        await session.refresh(user)
