"""Breaks: unknown.

Raises for an unknown key.
"""


async def change(factory, model, key, values):
    async with factory() as session:
        found = await session.get_one(model, key)
        for name, value in values.items():
            setattr(found, name, value)
        await session.commit()
        await session.refresh(found)
    return found
