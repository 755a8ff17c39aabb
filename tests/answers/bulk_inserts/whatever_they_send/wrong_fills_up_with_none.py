"""Breaks: defaults.

Makes all rows even by filling them up with None.
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
    checked(model, rows)
    names = {name for row in rows for name in row}
    even = [{name: row.get(name) for name in names} for row in rows]
    if even:
        await session.execute(insert(model), even, execution_options={"render_nulls": True})
