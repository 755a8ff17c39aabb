"""Breaks: values.

Groups and checks, and then sends attributes to a connection, which knows columns.
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
    connection = await session.connection()
    for alike in groups(rows):
        await connection.execute(insert(model), alike)
