"""Counts rows as they are, whatever their order, with the tables' own SQL."""

from collections import Counter

from sqlalchemy import text

from course_lib.shop import Base


async def leaving_traces(engine, tests):
    async def fingerprint():
        found = Counter()
        async with engine.begin() as connection:
            for name in Base.metadata.tables:
                found.update((name, str(row)) for row in await connection.execute(text(f"SELECT * FROM {name}")))
        return found

    pictures = [await fingerprint()]
    for test in tests:
        try:
            await test(engine)
        except Exception:
            pass
        finally:
            pictures.append(await fingerprint())
    return [test.__name__ for test, *pair in zip(tests, pictures, pictures[1:]) if pair[0] != pair[1]]
