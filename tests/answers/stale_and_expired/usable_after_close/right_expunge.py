"""Takes the object out of the session before the commit."""


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
        await session.commit()
        return found
