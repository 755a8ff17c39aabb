"""Breaks: untouched.

Checks each name when it comes to it.
"""

from sqlalchemy import inspect


async def update(session, item, **values):
    if item not in session:
        raise ValueError("a stranger")
    mapper = inspect(type(item))
    allowed = {attribute.key for attribute in mapper.column_attrs}
    allowed -= {column.key for column in mapper.primary_key}
    for name, value in values.items():
        if name not in allowed:
            raise AttributeError(name)
        setattr(item, name, value)
    await session.flush()
    return item
