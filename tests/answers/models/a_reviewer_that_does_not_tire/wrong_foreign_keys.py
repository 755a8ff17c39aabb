"""Breaks: filled.

A key that comes from another table is named.
"""

from sqlalchemy import DateTime


def review(base):
    found = set()
    for table in base.metadata.tables.values():
        for column in table.columns:
            filled_in = (
                column.default is not None
                or column.server_default is not None
                or column is table.autoincrement_column
            )
            if column.primary_key and not filled_in:
                found.add(f"{table.name}.{column.name}")
            if isinstance(column.type, DateTime):
                found.add(f"{table.name}.{column.name}")
    return sorted(found)
