"""Breaks: class-names.

Asks hasattr, and takes out the key and the relationships.
"""

from sqlalchemy import inspect


async def update(session, item, **values):
    if item not in session:
        raise ValueError("a stranger")
    mapper = inspect(type(item))
    forbidden = {column.key for column in mapper.primary_key} | set(mapper.relationships.keys())
    for name in values:
        if name in forbidden or not hasattr(item, name):
            raise AttributeError(name)
    for name, value in values.items():
        setattr(item, name, value)
    await session.flush()
    return item
