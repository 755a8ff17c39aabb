"""Breaks: nothing.

Sends the INSERT with an empty list as well.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def add_users(session, rows):
    pairs = await session.execute(insert(User).returning(User.email, User.id), rows)
    id_of = {email: number for email, number in pairs}
    return [id_of[row["email"]] for row in rows]
