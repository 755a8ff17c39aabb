"""Breaks: unknown.

Makes an object where there is none.
"""


async def change(factory, model, key, values):
    async with factory() as session:
        found = await session.get(model, key)
        if found is None:
            return model(id=key, **values)
        for name, value in values.items():
            setattr(found, name, value)
        await session.commit()
        await session.refresh(found)
    return found
