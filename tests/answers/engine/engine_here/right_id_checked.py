"""By id, with a weak reference that tells whether it is still the same loop."""

import asyncio
import weakref

from course_lib.patterns import make_engine

known = {}


def engine_here(url):
    loop = asyncio.get_running_loop()
    key = id(loop), url
    if key in known:
        seen, engine = known[key]
        if seen() is loop:
            return engine
    engine = make_engine(url)
    known[key] = weakref.ref(loop), engine
    return engine
