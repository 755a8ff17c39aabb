"""Breaks: none.

Takes every None out first: it says nothing, after all.
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
    given = [{name: value for name, value in row.items() if value is not None} for row in rows]
    for alike in groups(given):
        await session.execute(insert(model), alike, execution_options={"render_nulls": True})
