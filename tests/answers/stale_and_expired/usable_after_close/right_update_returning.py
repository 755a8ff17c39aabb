"""Sends an UPDATE that brings the whole row back."""

from sqlalchemy import inspect, update


async def change(factory, model, key, values):
    (column,) = inspect(model).primary_key
    statement = update(model).where(column == key).values(**values).returning(model)
    async with factory(expire_on_commit=False) as session:
        found = (await session.scalars(statement)).one_or_none()
        await session.commit()
    return found
