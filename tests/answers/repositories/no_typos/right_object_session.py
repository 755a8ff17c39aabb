"""Asks the object for its session, and raises errors of its own kinds."""

from sqlalchemy import inspect
from sqlalchemy.orm import object_session


class NoSuchColumn(AttributeError):
    pass


class NotHere(ValueError):
    pass


async def update(session, item, **values):
    if object_session(item) is not session.sync_session:
        raise NotHere
    key = {column.name for column in item.__table__.primary_key}
    known = set(item.__table__.columns.keys()) - key
    if not known.issuperset(values):
        raise NoSuchColumn(sorted(set(values) - known))
    await session.run_sync(lambda sync: [setattr(item, *pair) for pair in values.items()])
    await session.flush([item])
    return item
