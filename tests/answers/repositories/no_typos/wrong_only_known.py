"""Breaks: typo.

Refuses what it knows to be wrong, and lets pass what it does not know.
"""

from sqlalchemy import inspect


async def update(session, item, **values):
    if item not in session:
        raise ValueError("a stranger")
    mapper = inspect(type(item))
    allowed = {attribute.key for attribute in mapper.column_attrs}
    allowed -= {column.key for column in mapper.primary_key}
    for name in values:
        if hasattr(type(item), name) and name not in allowed:
            raise AttributeError(name)
    for name, value in values.items():
        setattr(item, name, value)
    await session.flush()
    return item
