"""Breaks: stranger.

Takes a stranger into the session instead of refusing it.
"""

from sqlalchemy import inspect


async def update(session, item, **values):
    mapper = inspect(type(item))
    allowed = {attribute.key for attribute in mapper.column_attrs}
    allowed -= {column.key for column in mapper.primary_key}
    if refused := values.keys() - allowed:
        raise AttributeError(", ".join(refused))
    session.add(item)
    for name, value in values.items():
        setattr(item, name, value)
    await session.flush()
    return item
