"""Takes whole objects back, and looks their emails up.
"""

from sqlalchemy import insert

from course_lib.shop import User



async def add_users(session, rows):
    users = (await session.scalars(insert(User).returning(User), rows)).all() if rows else []
    found = {user.email: user for user in users}
    return [found[row["email"]].id for row in rows]
