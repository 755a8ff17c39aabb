"""Breaks: refused.

A refused value gives None.
"""

from sqlalchemy.exc import IntegrityError


async def change(factory, model, key, values):
    async with factory() as session:
        found = await session.get(model, key)
        if found is None:
            return None
        for name, value in values.items():
            setattr(found, name, value)
        try:
            await session.commit()
        except IntegrityError:
            return None
        await session.refresh(found)
    return found
