"""Breaks: all-tables.

Only tables with a class are looked at.
"""

from sqlalchemy import DateTime


def review(base):
    found = set()
    for table in [mapper.local_table for mapper in base.registry.mappers]:
        for column in table.columns:
            filled_in = (
                column.default is not None
                or column.server_default is not None
                or column.foreign_keys
                or column is table.autoincrement_column
            )
            if column.primary_key and not filled_in:
                found.add(f"{table.name}.{column.name}")
            if isinstance(column.type, DateTime):
                found.add(f"{table.name}.{column.name}")
    return sorted(found)
