"""Breaks: set.

Knows the columns of one model.
"""


async def update(session, item, **values):
    if item not in session:
        raise ValueError("a stranger")
    if refused := values.keys() - {"name", "email", "country"}:
        raise AttributeError(", ".join(refused))
    for name, value in values.items():
        setattr(item, name, value)
    await session.flush()
    return item
