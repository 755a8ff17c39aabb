"""A generator tells what it thinks of each column."""

from sqlalchemy import types


def doubtful(base):
    for table in base.metadata.tables.values():
        for column in table.columns:
            key = column.primary_key and column is not table.autoincrement_column
            defaults = (column.default, column.server_default)
            if key and not column.foreign_keys and defaults == (None, None):
                yield str(column)
            if issubclass(type(column.type), types.DateTime):
                yield str(column)


def review(base):
    return sorted(dict.fromkeys(doubtful(base)))
