"""Breaks: made-by-database.

Refreshes before the UPDATE is sent.
"""


async def change(factory, model, key, values):
    async with factory(expire_on_commit=False) as session:
        found = await session.get(model, key)
        if found is None:
            return None
        await session.refresh(found)
        for name, value in values.items():
            setattr(found, name, value)
        await session.commit()
    return found
