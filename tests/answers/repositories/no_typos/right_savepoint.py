"""Sets and checks name by name, in a savepoint that takes back what was set."""

from sqlalchemy import inspect
from sqlalchemy.orm import ColumnProperty


async def update(session, item, **values):
    if item not in session:
        raise ValueError(item)
    mapper = inspect(item).mapper
    async with session.begin_nested():
        for name, value in values.items():
            attribute = mapper.attrs.get(name)
            if not isinstance(attribute, ColumnProperty) or attribute.columns[0].primary_key:
                raise AttributeError(name)
            setattr(item, name, value)
    return item
