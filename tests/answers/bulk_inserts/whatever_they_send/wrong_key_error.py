"""Breaks: unknown.

Raises another error than the one asked for.
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
    attributes = inspect(model).column_attrs
    for row in rows:
        for name in row:
            attributes[name]
    for alike in groups(rows):
        await session.execute(insert(model), alike, execution_options={"render_nulls": True})
