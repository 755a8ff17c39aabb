"""Breaks: columns.

Refreshes the attributes that were set, and no others.
"""


async def change(factory, model, key, values):
    async with factory() as session:
        found = await session.get(model, key)
        if found is None:
            return None
        for name, value in values.items():
            setattr(found, name, value)
        await session.commit()
        await session.refresh(found, [*values, "changes"])
    return found
