"""Breaks: budget.

A statement for each row is never uneven.
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
    for row in rows:
        await session.execute(insert(model), [row], execution_options={"render_nulls": True})
