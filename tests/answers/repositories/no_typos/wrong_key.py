"""Breaks: key.

Takes every column, and the key is one.
"""

from sqlalchemy import inspect


async def update(session, item, **values):
    if item not in session:
        raise ValueError("a stranger")
    allowed = {attribute.key for attribute in inspect(type(item)).column_attrs}
    if refused := values.keys() - allowed:
        raise AttributeError(", ".join(refused))
    for name, value in values.items():
        setattr(item, name, value)
    await session.flush()
    return item
