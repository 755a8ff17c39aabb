"""A lesson with three small exercises, for the tests of the coach."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import select

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.shop import User


class Names(Exercise):
    """async def names(session) -> list[str]: the names of all users, by id, in one statement."""

    id = "sample/names"
    title = "Names"
    defines = "names"
    achieved = "list names"
    users = (0, 7)
    requirements: ClassVar = {
        "all": Requirement("Every name comes.", "That some are enough.", "sample/1"),
        "order": Requirement("The names come by id.", "That rows have an order.", "sample/1"),
        "budget": Requirement("One statement is sent.", "That a loop is free.", "sample/2"),
    }
    hints = ("Think.", "Select.", "select(User.name).order_by(User.id)")
    afterword = "One column, one order."
    another = "async def names(session): ..."

    async def check(self, answer: Any, lab: Lab) -> None:
        for users in (0, 7):
            async with lab.shop(users) as db:
                async with db.sessions() as session:
                    wanted = list(await session.scalars(select(User.name).order_by(User.id)))
                    call = await lab.call(answer, session, on=db, returns=list, of=str)
                if lab.same("all", sorted(call.value), sorted(wanted), call):
                    lab.same("order", call.value, wanted, call)
                lab.expect("budget", call.sent <= 1, f"{call.sent} statements", call)


class Hurried(Names):
    """The same with less patience, so that waiting for the limit takes no minute."""

    id = "sample/hurried"
    seconds = 4


class Users(Exercise):
    """async def users(factory, url) -> list[User]: all users by id, their orders readable."""

    id = "sample/users"
    title = "Users"
    defines = "users"
    users = (7,)
    seconds = 20
    requirements: ClassVar = {
        "all": Requirement("Every user comes.", "That some are enough.", "sample/1"),
        "readable": Requirement("Orders can be read.", "That they load by themselves.", "sample/2"),
        "budget": Requirement("At most two statements are sent.", "That a loop is free.", "sample/2"),
    }

    async def check(self, answer: Any, lab: Lab) -> None:
        async with lab.shop(7) as db:
            call = await lab.call(answer, db.sessions, db.url, on=db, returns=list, of=User)
            lab.same("all", [user.id for user in call.value], [*sorted(user.id for user in call.value)], call)
            lab.expect("all", len(call.value) == 7, f"{len(call.value)} users", call)
            lab.read("readable", lambda: [len(user.orders) for user in call.value], call)
            lab.expect("budget", call.sent <= 2, f"{call.sent} statements", call)


class Double(Exercise):
    """def double(number: int) -> int: no database, a plain function."""

    id = "sample/double"
    title = "Double"
    defines = "double"
    core = False
    users = ()
    requirements: ClassVar = {
        "twice": Requirement("It gives twice the number.", "That 2 + 2 is all.", "sample/1")
    }

    async def check(self, answer: Any, lab: Lab) -> None:
        for number in (2, 3):
            async with lab.case(f"the number {number}"):
                call = await lab.call(answer, number, returns=int, asynchronous=False)
                lab.same("twice", call.value, 2 * number, call)


class Faulty(Exercise):
    """Its check names a requirement that it does not have."""

    id = "sample/faulty"
    title = "Faulty"
    defines = "faulty"
    users = ()

    async def check(self, answer: Any, lab: Lab) -> None:
        lab.expect("no-such-key", False, "nothing")


WHERE = Question(
    "where",
    "Where does it run?",
    (Choice("In the kernel", "There it could hang it."), Choice("In a process", "Its own.", right=True)),
    "sample/2",
)

LESSON = Lesson(
    id="sample",
    number="98",
    notebook="98_sample",
    title="Sample",
    promise="For tests.",
    minutes=1,
    exercise_minutes=1,
    objectives=("test",),
    exercises=(Names(), Users(), Double(), Faulty(), Hurried()),
    recall=(WHERE, WHERE),
    predictions=(WHERE,),
    quiz=(WHERE,),
)
