"""Breaks: urls.

One engine for each loop, whatever the URL.
"""

import asyncio
from weakref import WeakKeyDictionary

from course_lib.patterns import make_engine

own = WeakKeyDictionary()


def engine_here(url):
    loop = asyncio.get_running_loop()
    if loop not in own:
        own[loop] = make_engine(url)
    return own[loop]
