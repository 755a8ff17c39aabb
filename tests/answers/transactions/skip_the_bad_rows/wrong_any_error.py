"""Breaks: others.

Takes a mistake in the program for a refused row.
"""

from course_lib.shop import User


async def add_users(session, rows):
    refused = []
    for place, row in enumerate(rows):
        try:
            async with session.begin_nested():
                session.add(User(**row))
        except Exception:
            refused.append(place)
    return refused
