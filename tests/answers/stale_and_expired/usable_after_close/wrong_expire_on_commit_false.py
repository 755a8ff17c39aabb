"""Breaks: made-by-database.

Takes it that expire_on_commit=False settles it.
"""


async def change(factory, model, key, values):
    async with factory(expire_on_commit=False) as session:
        found = await session.get(model, key)
        if found is None:
            return None
        for name, value in values.items():
            setattr(found, name, value)
        await session.commit()
    return found
