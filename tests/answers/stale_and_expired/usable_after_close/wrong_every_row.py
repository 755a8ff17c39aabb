"""Breaks: stored.

An UPDATE without a `where`.
"""

from sqlalchemy import update


async def change(factory, model, key, values):
    async with factory() as session:
        found = await session.get(model, key)
        if found is None:
            return None
        await session.execute(update(model).values(**values))
        await session.commit()
        await session.refresh(found)
    return found
