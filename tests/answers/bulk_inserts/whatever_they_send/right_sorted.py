"""Sorts the rows, so that what is alike stands together, and sends them once.
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
    together = sorted(rows, key=lambda row: sorted(row))
    if together:
        await session.execute(insert(model), together, execution_options={"render_nulls": True})
