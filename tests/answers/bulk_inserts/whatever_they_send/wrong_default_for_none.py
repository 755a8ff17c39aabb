"""Breaks: none.

Forgets render_nulls, so a None gets the default.
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
    for alike in groups(rows):
        await session.execute(insert(model), alike)
