"""Breaks: given-back.

Refreshes, and leaves the session as it is.
"""

kept = []


async def change(factory, model, key, values):
    session = factory()
    kept.append(session)
    found = await session.get(model, key)
    if found is None:
        await session.close()
        return None
    for name, value in values.items():
        setattr(found, name, value)
    try:
        await session.commit()
    except Exception:
        await session.close()
        raise
    await session.refresh(found)
    return found
