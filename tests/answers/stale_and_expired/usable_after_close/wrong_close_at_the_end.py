"""Breaks: given-back.

Closes in the last line, which an error does not reach.
"""

kept = []


async def change(factory, model, key, values):
    session = factory()
    kept.append(session)
    found = await session.get(model, key)
    if found is not None:
        for name, value in values.items():
            setattr(found, name, value)
        await session.flush()
        await session.commit()
        await session.refresh(found)
    await session.close()
    return found
