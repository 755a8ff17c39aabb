"""Breaks: refused.

Commits each value by itself.
"""


async def change(factory, model, key, values):
    async with factory() as session:
        found = await session.get(model, key)
        if found is None:
            return None
        for name, value in values.items():
            setattr(found, name, value)
            await session.commit()
        await session.refresh(found)
    return found
