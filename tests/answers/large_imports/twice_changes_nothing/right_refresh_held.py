"""Renews only what the session holds.
"""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from course_lib.shop import User


def upsert(session):
    dialect = {"postgresql": postgresql, "sqlite": sqlite}[session.bind.dialect.name]
    statement = dialect.insert(User)
    changes = {"name": statement.excluded.name, "country": statement.excluded.country}
    return statement.on_conflict_do_update(index_elements=["email"], set_=changes)


async def renew(session, rows):
    emails = [row["email"] for row in rows]
    for start in range(0, len(emails), 500):
        some = select(User).where(User.email.in_(emails[start : start + 500]))
        await session.scalars(some.execution_options(populate_existing=True))



async def upsert_users(session, rows):
    if not rows:
        return
    await session.execute(upsert(session), rows)
    emails = {row["email"] for row in rows}
    held = [user for user in session if isinstance(user, User) and user.email in emails]
    if held:
        some = select(User).where(User.id.in_([user.id for user in held]))
        await session.scalars(some.execution_options(populate_existing=True))
