"""Commits in one session, and reads in another."""


async def change(factory, model, key, values):
    async with factory.begin() as session:
        found = await session.get(model, key)
        if found is None:
            return None
        for name, value in values.items():
            setattr(found, name, value)
    async with factory() as session:
        return await session.get(model, key)
