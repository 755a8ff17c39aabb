"""Sets of columns, one taken from the other."""

from sqlalchemy import DateTime


def review(base):
    columns = {column for table in base.metadata.tables.values() for column in table.columns}
    keys = {column for column in columns if column.primary_key}
    keys -= {table.autoincrement_column for table in base.metadata.tables.values()}
    keys -= {column for column in keys if column.foreign_keys}
    keys -= {column for column in keys if column.default is not None or column.server_default is not None}
    times = {column for column in columns if isinstance(column.type, DateTime)}
    return sorted(f"{column.table.name}.{column.name}" for column in keys | times)
