"""Answers to the sample exercises as source, each defining what the exercise asks for."""

IMPORTS = """
import asyncio, os, sys, threading, time
from sqlalchemy import QueuePool, inspect, select, text
from sqlalchemy.orm import selectinload, joinedload
from course_lib.patterns import make_engine, make_session_factory
from course_lib.shop import User, Order
from course_lib.coach import not_attempted
"""

RIGHT = """
async def names(session):
    return list(await session.scalars(select(User.name).order_by(User.id)))
"""

# outcome, requirement (or a part of the message), source; all for `names`.
MISTAKES = {
    "common/forgotten-async": "def names(session):\n    return ['a']",
    "common/never-awaited": "async def names(session):\n    return session.scalars(select(User.name))",
    "common/forgotten-return": "async def names(session):\n    (await session.scalars(select(User))).all()",
    "common/result-not-list": "async def names(session):\n    return await session.scalars(select(User))",
    "common/rows-not-objects": (
        "async def names(session):\n"
        "    return list(await session.execute(select(User.name).order_by(User.id)))"
    ),
    "common/consumed-twice": (
        "async def names(session):\n"
        "    result = await session.scalars(select(User.name).order_by(User.id))\n"
        "    count = len(result.all())\n"
        "    return result.all()"
    ),
    "common/wrong-type": "async def names(session):\n    return [1, 2]",
    "all": "async def names(session):\n    return list(await session.scalars(select(User.name).limit(3)))",
    "order": (
        "async def names(session):\n"
        "    return list(await session.scalars(select(User.name).order_by(User.id.desc())))"
    ),
    "budget": (
        "async def names(session):\n"
        "    ids = list(await session.scalars(select(User.id).order_by(User.id)))\n"
        "    return [await session.scalar(select(User.name).where(User.id == each)) for each in ids]"
    ),
}

# More ways into the same mistakes.
VARIANTS = [
    (
        "common/task-not-result",
        "async def names(session):\n"
        "    async with asyncio.TaskGroup() as group:\n"
        "        return [group.create_task(asyncio.sleep(0, name)) for name in 'ab']",
    ),
    (
        "common/task-not-result",
        "async def names(session):\n    return asyncio.create_task(asyncio.sleep(0, ['a']))",
    ),
    (
        "common/never-awaited",
        "async def names(session):\n    return session.scalars(select(User.name)).all()",
    ),
    (
        "common/never-awaited",
        "async def names(session):\n"
        "    asyncio.sleep(0)\n"
        "    return list(await session.scalars(select(User.name).order_by(User.id)))",
    ),
    (
        "common/never-awaited",
        "async def names(session):\n"
        "    ids = await session.scalars(select(User.id))\n"
        "    return [session.scalar(select(User.name).where(User.id == each)) for each in ids]",
    ),
    (
        "common/consumed-twice",
        "async def names(session):\n"
        "    users = await session.scalars(select(User).order_by(User.id))\n"
        "    count = 0\n"
        "    for user in users:\n"
        "        count += 1\n"
        "    return [user.name for user in users]",
    ),
    (
        "common/consumed-twice",
        "async def names(session):\n"
        "    result = await session.scalars(select(User.name))\n"
        "    result.one_or_none() if False else result.first()\n"
        "    return result.all()",
    ),
    (
        "common/forgotten-return",
        "async def names(session):\n    for name in await session.scalars(select(User.name)):\n        "
        "yield name",
    ),
    (
        "common/wrong-type",
        "async def names(session):\n    return tuple(await session.scalars(select(User.name)))",
    ),
]

# Right answers that look different.
UNLIKE = {
    "a plain function that gives a coroutine": RIGHT
    + "\n_names = names\ndef names(session): return _names(session)",
    "an object that is called": (
        "class Names:\n"
        "    async def __call__(self, session):\n"
        "        return (await session.scalars(select(User.name).order_by(User.id))).all()\n"
        "names = Names()"
    ),
    "a list of its own kind": (
        "class Mine(list): pass\n"
        "async def names(session):\n"
        "    return Mine(await session.scalars(select(User.name).order_by(User.id)))"
    ),
    "a partial": (
        "import functools\n"
        "async def every(column, session):\n"
        "    return list(await session.scalars(select(column).order_by(User.id)))\n"
        "names = functools.partial(every, User.name)"
    ),
    "a future": (
        "async def _names(session):\n"
        "    return list(await session.scalars(select(User.name).order_by(User.id)))\n"
        "def names(session): return asyncio.ensure_future(_names(session))"
    ),
    "prints and closes": (
        "async def names(session):\n"
        "    print('looking')\n"
        "    rows = await session.execute(select(User.name).order_by(User.id))\n"
        "    found = [name for (name,) in rows]\n"
        "    await session.close()\n"
        "    return found"
    ),
}

HOSTILE = {
    "an endless loop": ("out of time", "while True: pass"),
    "an endless loop that awaits": ("out of time", "while True: await asyncio.sleep(0)"),
    "a sleep that blocks": ("out of time", "time.sleep(60)"),
    "a wait without end": ("out of time", "await asyncio.Event().wait()"),
    "every error swallowed": (
        "out of time",
        "while True:\n        try:\n            await asyncio.sleep(1)\n        except BaseException:\n     "
        "       pass",
    ),
    "a loop that swallows everything": (
        "out of time",
        "while True:\n        try:\n            while True: pass\n        except BaseException:\n           "
        " pass",
    ),
    "recursion": ("raised", "return await names(session)"),
    "sys.exit": ("raised", "sys.exit(0)"),
    "sys.exit in a task": ("raised", "await asyncio.create_task(_leave())"),
    "os._exit": ("died", "os._exit(0)"),
    "a closed pipe": ("died or out of time", "os.closerange(3, 64); return []"),
    "memory": ("raised", "return 'x' * 8 * 1024**3"),
    # Which limit it meets first depends on the machine.
    "memory, bit by bit": ("raised or out of time", "return ['x' * 50_000_000 for _ in range(1000)]"),
    "its own interrupt": ("raised", "raise KeyboardInterrupt"),
    "its own cancellation": ("raised", "raise asyncio.CancelledError"),
    "odd equality": ("failed", "return [Odd(name) for name in await right(session)]"),
    "odd repr": ("failed", "return [Mute(name) for name in (await right(session))[1:]]"),
    "a megabyte printed": ("passed", "print('x' * 1_000_000); return await right(session)"),
    "thirty connections": (
        "passed",
        "engine = make_engine(session.bind.url, pool_size=30, max_overflow=0)\n"
        "    held = [await engine.connect() for _ in range(30)]\n"
        "    return await right(session)",
    ),
    "threads": (
        "passed",
        "for _ in range(5): threading.Thread(target=time.sleep, args=(60,)).start()\n    return await "
        "right(session)",
    ),
    "tasks left behind": (
        "passed",
        "global left\n    left = [asyncio.create_task(_stay()) for _ in range(5)]\n    return await "
        "right(session)",
    ),
    "a child left behind": ("passed", "os.system('sleep 60 &')\n    return await right(session)"),
    "locks held for ever": (
        "failed",  # it sends one statement more than allowed, and nothing worse happens
        "global held\n"
        "    held = await make_engine(session.bind.url).connect()\n"
        "    await held.execute(text('UPDATE users SET name = name'))\n"
        "    return await right(session)",
    ),
    "a table dropped": (
        "raised",
        "engine = make_engine(session.bind.url)\n"
        "    await session.close()\n"
        "    async with engine.begin() as connection:\n"
        "        await connection.execute(text('DROP TABLE order_lines'))\n"
        "    return await session.scalar(text('SELECT * FROM order_lines'))",
    ),
    "a patched SQLAlchemy": (
        "raised",
        "type(session).scalars = None\n    return await right(session)",
    ),
    "a patched coach": (
        "passed",
        "import course_lib.coach.lab as lab\n"
        "    lab.Lab.expect = lambda *_, **__: True\n"
        "    return await right(session)",
    ),
    "a question": ("raised", "return [input('what? ')]"),
}

HELPERS = """
class Odd(str):
    __hash__ = str.__hash__
    def __eq__(self, other): raise ValueError("no comparison")
    def __lt__(self, other): return False

class Mute(str):
    def __repr__(self): raise ValueError("no repr")

async def right(session):
    return list(await session.scalars(select(User.name).order_by(User.id)))

async def _stay():
    while True:
        try:
            await asyncio.sleep(60)
        except BaseException:
            pass

async def _leave():
    sys.exit(3)
"""


def hostile(body: str) -> str:
    """The source of a hostile answer."""
    return f"{IMPORTS}{HELPERS}\nasync def names(session):\n    {body}\n"


def function(source: str, name: str = "names") -> object:
    """What a source defines, as a notebook would hold it."""
    space: dict[str, object] = {"__name__": "__main__"}
    exec(compile(source, "ipykernel_1/answer.py", "exec"), space)
    return space[name]
