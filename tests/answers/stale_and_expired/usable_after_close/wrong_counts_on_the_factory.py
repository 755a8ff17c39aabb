"""Breaks: columns.

Takes it that no factory expires.
"""


async def change(factory, model, key, values):
    async with factory.begin() as session:
        found = await session.get(model, key)
        if found is None:
            return None
        for name, value in values.items():
            setattr(found, name, value)
        await session.flush()
        await session.refresh(found)
    return found
