"""Breaks: relationship.

Takes every mapped attribute that is no key.
"""

from sqlalchemy import inspect


async def update(session, item, **values):
    if item not in session:
        raise ValueError("a stranger")
    mapper = inspect(type(item))
    allowed = set(mapper.attrs.keys()) - {column.key for column in mapper.primary_key}
    if refused := values.keys() - allowed:
        raise AttributeError(", ".join(refused))
    for name, value in values.items():
        setattr(item, name, value)
    await session.flush()
    return item
