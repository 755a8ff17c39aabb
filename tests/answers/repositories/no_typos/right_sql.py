"""An UPDATE of its own, which also brings the object up to date."""

import sqlalchemy as sa


async def update(session, item, **values):
    if item not in session:
        raise ValueError("a stranger")
    state = sa.inspect(item)
    table = state.mapper.local_table
    for name in values:
        if name not in table.columns or table.columns[name].primary_key:
            raise AttributeError(name)
    model = type(item)
    mine = [column == part for column, part in zip(state.mapper.primary_key, state.identity, strict=True)]
    await session.execute(sa.update(model).where(*mine).values(**values))
    await session.refresh(item, list(values))
    return item
