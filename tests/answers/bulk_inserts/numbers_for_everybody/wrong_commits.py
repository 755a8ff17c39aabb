"""Breaks: open.

Commits, to be sure that the ids are final.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def add_users(session, rows):
    if not rows:
        return []
    pairs = (await session.execute(insert(User).returning(User.email, User.id), rows)).all()
    await session.commit()
    id_of = {email: number for email, number in pairs}
    return [id_of[row["email"]] for row in rows]
