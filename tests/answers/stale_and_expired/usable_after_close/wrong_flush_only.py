"""Breaks: stored.

Flushes, and the end of the block takes it back.
"""


async def change(factory, model, key, values):
    async with factory() as session:
        found = await session.get(model, key)
        if found is None:
            return None
        for name, value in values.items():
            setattr(found, name, value)
        await session.flush()
        await session.refresh(found)
        session.expunge(found)
        return found
