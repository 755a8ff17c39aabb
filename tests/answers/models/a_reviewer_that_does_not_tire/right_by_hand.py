"""The rule of counting written out."""

from sqlalchemy import DateTime, Integer


def counted(table, column):
    alone = len(table.primary_key.columns) == 1
    return alone and isinstance(column.type, Integer) and column.autoincrement in (True, "auto")


def review(base):
    names = []
    for table in base.metadata.sorted_tables:
        for column in table.primary_key.columns:
            defaults = [each for each in (column.default, column.server_default) if each is not None]
            if not defaults and not column.foreign_keys and not counted(table, column):
                names.append(f"{table.name}.{column.name}")
        names += [f"{table.name}.{each.name}" for each in table.columns if isinstance(each.type, DateTime)]
    return sorted(set(names))
