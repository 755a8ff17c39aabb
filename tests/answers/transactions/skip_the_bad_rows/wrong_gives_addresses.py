"""Breaks: refused.

Gives the addresses instead of the places.
"""

from sqlalchemy.exc import IntegrityError

from course_lib.shop import User


async def add_users(session, rows):
    refused = []
    for row in rows:
        try:
            async with session.begin_nested():
                session.add(User(**row))
        except IntegrityError:
            refused.append(row["email"])
    return refused
