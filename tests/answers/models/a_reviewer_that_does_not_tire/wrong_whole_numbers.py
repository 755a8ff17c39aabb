"""Breaks: keys.

A whole number is taken for counted, also in a key of two.
"""

from sqlalchemy import DateTime, Integer


def review(base):
    found = set()
    for table in base.metadata.tables.values():
        for column in table.columns:
            filled_in = (
                column.default is not None
                or column.server_default is not None
                or column.foreign_keys
                or isinstance(column.type, Integer)
            )
            if column.primary_key and not filled_in:
                found.add(f"{table.name}.{column.name}")
            if isinstance(column.type, DateTime):
                found.add(f"{table.name}.{column.name}")
    return sorted(found)
