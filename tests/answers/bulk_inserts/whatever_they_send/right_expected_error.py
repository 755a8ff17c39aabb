"""Lets the model itself refuse an unknown name.
"""

from sqlalchemy import insert, inspect


def checked(model, rows):
    known = set(inspect(model).column_attrs.keys())
    for row in rows:
        if unknown := row.keys() - known:
            raise ValueError(f"unknown: {unknown}")


def groups(rows):
    found = {}
    for row in rows:
        found.setdefault(frozenset(row), []).append(row)
    return found.values()



async def store(session, model, rows):
    names = {name for row in rows for name in row}
    mapper = inspect(model)
    for name in names:
        if name not in mapper.column_attrs:
            raise ValueError(name)
    for alike in groups(rows):
        await session.execute(insert(model).execution_options(render_nulls=True), alike)
