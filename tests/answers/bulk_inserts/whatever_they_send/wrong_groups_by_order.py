"""Breaks: budget.

Groups the rows by their names in the order in which they come.
"""

from sqlalchemy import insert, inspect


async def store(session, model, rows):
    known = set(inspect(model).column_attrs.keys())
    groups = {}
    for row in rows:
        if unknown := row.keys() - known:
            raise ValueError(f"unknown: {unknown}")
        groups.setdefault(tuple(row), []).append(row)
    for alike in groups.values():
        await session.execute(insert(model), alike, execution_options={"render_nulls": True})
