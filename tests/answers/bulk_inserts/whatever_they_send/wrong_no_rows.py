"""Breaks: nothing.

Sends even rows as they are, and takes no rows for even ones.
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
    if len({frozenset(row) for row in rows}) < 2:
        await session.execute(insert(model), rows, execution_options={"render_nulls": True})
        return
    for alike in groups(rows):
        await session.execute(insert(model), alike, execution_options={"render_nulls": True})
