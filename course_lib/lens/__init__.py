"""The lens makes the invisible visible.

- `with watch(engine) as sql:` records every statement sent and the rows fetched.
- `with connections(engine) as pool:` records what the pool does with its connections, and who waits.
- `tl = timeline()` and `with tl.span("task A"):` show which tasks overlap.
- `async with heartbeat() as beats:` shows whether the event loop kept going.
- `runs = race()` and `with runs.lane("add_all"):` compare ways of doing the same work, as ratios.
- `with progress("Loading", total=69_659) as bar:` gives long work a bar that can be stopped.
- `states(session, *objects)` shows what a session knows about objects, `state_of(item)` one in a line.
- `side_by_side(before=a, after=b)` shows recordings next to each other.

Give what they yield as the last line of a cell. Importing this room inside a notebook also makes an
ExceptionGroup that escapes from a cell a readable error (`install_error_display`), and keeps one warning of
the SQLite driver away that comes at random (`mute_cursor_warning`).
"""

from course_lib.lens.connections import Connections, PoolEvent, connections
from course_lib.lens.long_work import Stopped, progress
from course_lib.lens.races import Race, race
from course_lib.lens.recording import watch
from course_lib.lens.show import install_error_display, mute_cursor_warning, side_by_side
from course_lib.lens.statements import Group, Statement, Statements
from course_lib.lens.states import ObjectState, States, state_of, states
from course_lib.lens.tasks import Timeline, heartbeat, timeline

__all__ = [
    "Connections",
    "Group",
    "ObjectState",
    "PoolEvent",
    "Race",
    "Statement",
    "Statements",
    "States",
    "Stopped",
    "Timeline",
    "connections",
    "heartbeat",
    "install_error_display",
    "mute_cursor_warning",
    "progress",
    "race",
    "side_by_side",
    "state_of",
    "states",
    "timeline",
    "watch",
]

install_error_display()
mute_cursor_warning()
