"""Translates the names itself and sends the groups on the connection.
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
    columns = {name: prop.columns[0].key for name, prop in inspect(model).column_attrs.items()}
    connection = await session.connection()
    for alike in groups(rows):
        translated = [{columns[name]: value for name, value in row.items()} for row in alike]
        await connection.execute(insert(model.__table__), translated)
