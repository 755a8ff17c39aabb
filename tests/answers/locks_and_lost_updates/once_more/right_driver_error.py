"""Asks the driver's error what it is."""

import asyncpg
from sqlalchemy.exc import DBAPIError

LOST = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


class Attempt:
    def __init__(self, sessions, work):
        self.sessions, self.work = sessions, work

    async def run(self):
        async with self.sessions.begin() as session:
            return await self.work(session)


async def once_more(sessions, work, attempts):
    tried = 0
    while True:
        tried += 1
        try:
            return await Attempt(sessions, work).run()
        except DBAPIError as error:
            if tried < attempts and isinstance(error.orig.__cause__, LOST):
                continue
            raise
