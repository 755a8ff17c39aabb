"""The older name for the same, inside run_sync.
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

    def send(sync):
        for alike in groups(rows):
            sync.bulk_insert_mappings(model, alike, render_nulls=True)

    await session.run_sync(send)
