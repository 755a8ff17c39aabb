"""Refreshes inside the transaction, in a session that does not expire."""


async def change(factory, model, key, values):
    async with factory.begin() as session:
        session.sync_session.expire_on_commit = False
        found = await session.get(model, key)
        if found is None:
            return None
        for name, value in values.items():
            setattr(found, name, value)
        await session.flush()
        await session.refresh(found)
    return found
