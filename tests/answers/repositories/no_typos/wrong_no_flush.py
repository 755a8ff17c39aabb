"""Breaks: sent.

Leaves the sending to the commit.
"""

from sqlalchemy import inspect


async def update(session, item, **values):
    if item not in session:
        raise ValueError("a stranger")
    mapper = inspect(type(item))
    allowed = {attribute.key for attribute in mapper.column_attrs}
    allowed -= {column.key for column in mapper.primary_key}
    if refused := values.keys() - allowed:
        raise AttributeError(", ".join(refused))
    for name, value in values.items():
        setattr(item, name, value)
    return item
