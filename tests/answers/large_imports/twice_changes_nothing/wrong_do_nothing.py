"""Breaks: updated.

Leaves known users as they are, and shows the held ones as if they were new.
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
    last = list({row["email"]: row for row in rows}.values())
    if not last:
        return
    dialect = {"postgresql": postgresql, "sqlite": sqlite}[session.bind.dialect.name]
    statement = dialect.insert(User).on_conflict_do_nothing()
    await session.execute(statement, last)
    await renew(session, last)
