"""Breaks: middle.

Goes by the type: an error in the middle of a query has another one.
"""

from sqlalchemy.exc import InterfaceError, OperationalError


async def read_once_more(engine, work):
    try:
        async with engine.connect() as connection:
            return await work(connection)
    except (OperationalError, InterfaceError):
        async with engine.connect() as connection:
            return await work(connection)
