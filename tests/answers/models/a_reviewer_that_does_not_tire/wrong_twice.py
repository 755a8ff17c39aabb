"""Breaks: sorted.

A key that is a time stands there twice.
"""

from sqlalchemy import DateTime


def review(base):
    found = []
    for table in base.metadata.tables.values():
        for column in table.columns:
            filled_in = (
                column.default is not None
                or column.server_default is not None
                or column.foreign_keys
                or column is table.autoincrement_column
            )
            if column.primary_key and not filled_in:
                found.append(f"{table.name}.{column.name}")
            if isinstance(column.type, DateTime):
                found.append(f"{table.name}.{column.name}")
    return sorted(found)
