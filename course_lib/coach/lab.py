"""The lab: where a check runs an answer on prepared databases and writes down what broke."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from course_lib.coach import mistakes
from course_lib.coach.describe import causes, describe, error_text, own_line
from course_lib.coach.mistakes import COMMON, Mistake
from course_lib.coach.recording import ReadTwice, Warned, told, watch_database
from course_lib.coach.sentinel import NotAttempted
from course_lib.lens import Statements
from course_lib.lens.statements_view import counted
from course_lib.patterns import make_engine, make_session_factory

if TYPE_CHECKING:
    from course_lib.coach.exercise import Exercise

T = TypeVar("T")


class CaseEnded(Exception):
    """Ends a case whose answer raised or made a common mistake. Not for checks to catch."""


class CheckFault(Exception):
    """The check itself is wrong: an unknown requirement, a database that was not asked for."""


@dataclass
class ShopDatabase:
    """A private, filled shop database for one case of a check. `url` holds the password: never show it."""

    backend: str
    users: int
    url: str = field(repr=False)
    engine: AsyncEngine = field(repr=False)
    sessions: async_sessionmaker[AsyncSession] = field(repr=False)


@dataclass
class Call:
    """One finished call of an answer.

    label: the case, such as "7 users"; value: what came after the await; error: what it raised, only if named
    in `catch`; statements: what was sent to the database given as `on`; warnings: Python's, as text.
    """

    label: str
    value: Any = None
    error: BaseException | None = None
    statements: Statements = field(default_factory=Statements)
    warnings: tuple[str, ...] = ()

    @property
    def sent(self) -> int:
        """How many SELECT, INSERT, UPDATE and DELETE were sent. One executemany is one."""
        return self.statements.sent

    @property
    def rows(self) -> int:
        """How many rows were fetched."""
        return self.statements.rows


class Lab:
    """What a check works with. Requirements are recorded, not raised: a check goes on after a breach."""

    def __init__(
        self,
        exercise: Exercise,
        backend: str,
        databases: Sequence[tuple[int, str]] = (),
        tell: Callable[[str], None] = lambda label: None,
    ) -> None:
        self.backend = backend
        self.attempted = True
        self.broken: dict[str, dict[str, str]] = {}
        self.raised: list[tuple[str, BaseException]] = []
        self._exercise = exercise
        self._databases = list(databases)
        self._tell = tell
        self._label = ""

    @asynccontextmanager
    async def shop(self, users: int) -> AsyncIterator[ShopDatabase]:
        """Open one prepared database, as one case: `async with lab.shop(7) as db:`.

        When the answer raises or makes a common mistake, the case ends and the check goes on behind the
        block.
        """
        url = self._take(users)
        engine = make_engine(url)
        try:
            async with self.case(f"{users} user{'' if users == 1 else 's'}"):
                async with engine.connect():
                    self._tell(self._label)  # the first sign of life, before anything is changed
                yield ShopDatabase(self.backend, users, url, engine, make_session_factory(engine))
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await engine.dispose()

    @asynccontextmanager
    async def case(self, label: str) -> AsyncIterator[None]:
        """Mark one case: a call without a database, or one of several on the same database."""
        before, self._label = self._label, label
        try:
            yield
        except CaseEnded:
            pass
        except (CheckFault, asyncio.CancelledError):
            raise
        except BaseException as error:
            self.stumbled(error)
        finally:
            self._label = before

    async def call(
        self,
        answer: Callable[..., Any],
        *args: Any,
        keywords: Mapping[str, Any] | None = None,
        on: ShopDatabase | None = None,
        returns: type | tuple[type, ...] | None = None,
        of: type | tuple[type, ...] | None = None,
        catch: type[BaseException] | tuple[type[BaseException], ...] = (),
        blame: str | None = None,
        label: str = "",
        asynchronous: bool = True,
    ) -> Call:
        """Call the answer and give what came of it. Common mistakes and errors end the case.

        on: the database whose statements are recorded, whichever engine sends them.
        returns: the type asked for; `(User, type(None))` where None is a right answer; None: not looked at.
        of: the class of each element of a list.
        catch: errors that are no accident here; also when SQLAlchemy wrapped them. `Call.error` then holds
        it. blame: the requirement that any other error breaks, instead of the outcome "raised". asynchronous:
        False where the contract asks for a plain function.
        """
        if not self.attempted:
            raise CaseEnded
        if blame is not None:
            self._requirement(blame)
        call = Call(label or self._label)
        self._tell(call.label)
        with Warned() as warned, ReadTwice() as read_twice, watch_database(on) as call.statements:
            try:
                call.value = answer(*args, **(keywords or {}))
                mistake = mistakes.in_return(call.value, _types(returns), asynchronous)
                if isinstance(call.value, NotAttempted):
                    mistake = None
                elif mistake is None and asynchronous:
                    call.value = await call.value
            except BaseException as error:
                if _cancelled_from_outside(error):
                    raise
                call.error = error
                mistake = mistakes.in_error(error)
        call.warnings = tuple(warned)
        if isinstance(call.value, NotAttempted):
            self.attempted = False
            raise CaseEnded
        if call.error is None and mistake is None:
            nothing = call.value is None or (
                isinstance(call.value, list | tuple | dict | int) and not call.value
            )
            if read_twice and nothing and call.rows:
                saw = (
                    f"it fetched {counted(call.rows, 'row')} and returned {describe(call.value)}: "
                    "they were read before"
                )
                mistake = Mistake("common/consumed-twice", saw)
            else:
                mistake = mistakes.in_warnings(call.warnings) or mistakes.in_value(
                    call.value, _types(returns), _types(of)
                )
        if mistake is not None:
            self._breach(mistake.key, mistake.saw, call)
            raise CaseEnded
        if call.error is not None and not any(isinstance(each, catch) for each in _bare(call.error)):
            if blame is None:
                self.raised.append((call.label, call.error))
            else:
                self._breach(blame, _error_seen(call.error), call)
            raise CaseEnded
        return call

    def watch(self, database: ShopDatabase) -> AbstractContextManager[Statements]:
        """Record what is sent to a database over several calls: `with lab.watch(db) as sql:`."""
        return watch_database(database)

    def expect(self, key: str, ok: object, saw: str, call: Call | None = None) -> bool:
        """Record a breach of the requirement `key` when not ok, and go on. Its first breach is kept.

        saw: what was seen, for people, such as "102 statements"; call: adds its case and its statements.
        """
        self._requirement(key)
        if not ok:
            self._breach(key, saw, call)
        return bool(ok)

    def same(self, key: str, seen: Any, wanted: Any, call: Call | None = None) -> bool:
        """Expect `seen == wanted`; both are shown. Objects with an odd `__eq__` or `__repr__` do no harm."""
        try:
            ok = bool(seen == wanted)
        except BaseException as error:
            return self.expect(key, False, f"comparing {describe(seen)} raised {error_text(error)}", call)
        return self.expect(key, ok, "" if ok else f"{describe(seen)} instead of {describe(wanted)}", call)

    def read(self, key: str, look: Callable[[], T], call: Call | None = None) -> T | None:
        """Give `look()`; an error in it breaks the requirement `key`, and None is given.

        For what is read from a result after its session was closed (MissingGreenlet, DetachedInstanceError).
        """
        self._requirement(key)
        try:
            return look()
        except Exception as error:
            self._breach(key, f"reading it raised {_error_seen(error)}", call)
            return None

    def stumbled(self, error: BaseException) -> None:
        """Note an error that came out of the check itself while it worked with the answer's results."""
        _, rest = error.split(CaseEnded) if isinstance(error, BaseExceptionGroup) else (None, error)
        if rest is not None:
            self.raised.append((self._label, rest))

    def _requirement(self, key: str) -> tuple[str, str, str]:
        if key in COMMON:
            return COMMON[key]
        try:
            found = self._exercise.requirements[key]
        except KeyError:
            raise CheckFault(f"{self._exercise.id} has no requirement {key!r}") from None
        return found.text, found.misconception, found.step

    def _breach(self, key: str, saw: str, call: Call | None) -> None:
        text, misconception, step = self._requirement(key)
        if key in self.broken:
            return
        label = call.label if call is not None else self._label
        sent = told(call.statements) if call is not None and call.sent else None
        self.broken[key] = {
            "requirement": key,
            "backend": self.backend,
            "text": text,
            "saw": f"{saw} ({label})" if label and label not in saw else saw,
            "statements": repr(sent) if sent else "",
            "html": sent._repr_html_() if sent else "",
            "misconception": misconception,
            "step": step,
        }

    def _take(self, users: int) -> str:
        for number, (size, url) in enumerate(self._databases):
            if size == users:
                del self._databases[number]
                return url
        raise CheckFault(
            f"{self._exercise.id} opened a shop of {users} users that was not prepared: `users` lists a "
            "size as often "
            "as it is opened"
        )


def _types(given: type | tuple[type, ...] | None) -> tuple[type, ...]:
    return given if isinstance(given, tuple) else () if given is None else (given,)


def _bare(error: BaseException) -> list[BaseException]:
    return [error] if isinstance(error, BaseExceptionGroup) else list(causes(error))


def _error_seen(error: BaseException) -> str:
    where = own_line(error)
    text = error_text(error).partition("\n[SQL: ")[0]  # what was sent is shown below it
    return text + (f", at {where}" if where else "")


def _cancelled_from_outside(error: BaseException) -> bool:
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


__all__ = ["Call", "CaseEnded", "CheckFault", "Lab", "ShopDatabase"]
