"""Lesson 00: a question and its rows, N+1 seen once, the second database, and how the course works."""

from typing import Any

from sqlalchemy import delete, insert, select

from course_lib.coach.exercise import Choice, Exercise, Lab, Lesson, Question, Requirement
from course_lib.shop import Tag, User, user_tags

NO_TAGS, ALL_TAGS = 2, 3
"""Two users of the check's shops: the check takes all tags from the one and gives all to the other."""


class Tastes(Exercise):
    """Replace a loop that asks for each user by a query that asks for all."""

    id = "start-here/tastes"
    title = "Everybody's tastes"
    defines = "tastes"
    minutes = 5
    achieved = "load what a loop needs before the loop begins"
    users = (0, 7, 100)
    requirements = {
        "everybody": Requirement(
            "every user is there, a user without tags with an empty list",
            "Start from the users. A result that starts from tags holds only users that have one.",
            "start-here/2",
        ),
        "tags": Requirement(
            "each user has exactly their own tags",
            "What is loaded beforehand has to be all that the loop needs, for each user.",
            "start-here/2",
        ),
        "alphabetical": Requirement(
            "the names are in alphabetical order",
            "Loaded rows come by their id, as the ORDER BY of step 2 shows. The names have to be sorted.",
            "start-here/2",
        ),
        "budget": Requirement(
            "at most two statements are sent",
            "Each `await` inside a loop is answered by itself: one statement for each user.",
            "start-here/2",
        ),
    }
    hints = (
        "Which part of the function sends a statement? How often does it run?",
        "Step 2 mended the same loop for the orders. Here it is about the tags.",
        "Give the statement `.options(selectinload(User.tags))`. Then `user.tags` needs no await.",
    )
    afterword = (
        "`selectinload` fetches the tags of all users with one more statement. Afterwards they are part of "
        "the objects, so `user.tags` can be read without an `await`. The rest of the function stays as it was."
    )
    another = """
from course_lib.shop import Tag


async def tastes(session):
    names = {user_id: [] for user_id in await session.scalars(select(User.id))}
    pairs = select(User.id, Tag.name).join(User.tags).order_by(Tag.name)
    for user_id, name in await session.execute(pairs):
        names[user_id].append(name)
    return names
"""

    async def check(self, answer: Any, lab: Lab) -> None:
        """Ask in an empty shop, and in two where one user has no tags and another has all of them."""
        for users in self.users:
            async with lab.shop(users) as db:
                async with db.engine.begin() as connection:
                    all_tags = sorted(await connection.execute(select(Tag.id, Tag.name)))
                    if users:
                        theirs = user_tags.c.user_id.in_([NO_TAGS, ALL_TAGS])
                        await connection.execute(delete(user_tags).where(theirs))
                        # From the last to the first, so that no luck puts them into order.
                        rows = [{"user_id": ALL_TAGS, "tag_id": tag_id} for tag_id, _ in reversed(all_tags)]
                        await connection.execute(insert(user_tags), rows)
                    expected: dict[int, list[str]] = {}
                    for user_id in await connection.scalars(select(User.id)):
                        expected[user_id] = []
                    names = dict(all_tags)
                    for user_id, tag_id in await connection.execute(select(user_tags)):
                        expected[user_id].append(names[tag_id])
                async with db.sessions() as session:
                    call = await lab.call(answer, session, on=db, returns=dict)
                found = dict(call.value)
                lacking = sorted(expected.keys() - found.keys())
                lab.expect("everybody", not lacking, f"missing: {len(lacking)} of {users} users", call)
                unknown = [key for key in found if key not in expected]
                lab.expect("everybody", not unknown, f"a user who is not in the shop: {unknown[:1]}", call)
                for user_id in sorted(expected.keys() & found.keys()):
                    seen, wanted = list(found[user_id] or ()), sorted(expected[user_id])
                    if not wanted:
                        empty = found[user_id] is not None and not seen
                        lab.expect(
                            "everybody", empty, f"user {user_id} has no tags, not {seen or None}", call
                        )
                    elif lab.expect(
                        "tags", sorted(map(str, seen)) == wanted, _shown(user_id, seen, wanted), call
                    ):
                        lab.expect("alphabetical", seen == wanted, _shown(user_id, seen, wanted), call)
                lab.expect("budget", call.sent <= 2, f"{call.sent} statements for {users} users", call)


def _shown(user_id: int, seen: list[Any], wanted: list[str]) -> str:
    names = ", ".join(map(str, seen)) or "nothing"
    return f"user {user_id} has {names}, instead of {', '.join(wanted)}"


LESSON = Lesson(
    id="start-here",
    number="00",
    notebook="00_start_here",
    title="Start here",
    promise="A real database asked, a loop that sends a hundred statements caught and mended, and the second "
    "database met, in ten minutes.",
    minutes=10,
    exercise_minutes=5,
    objectives=(
        "run a cell, and read the rows and the SQL that it sent",
        "recognise N+1 when you see it, and name the line that sends it",
        "change a line and let the course check it",
        "run the same code on SQLite and on PostgreSQL",
        "stop a cell that hangs",
    ),
    exercises=(Tastes(),),
    predictions=(
        Question(
            "statements-of-a-loop",
            "100 users are fetched, then a loop awaits the orders of each: how many statements are sent?",
            (
                Choice("1", ""),
                Choice("2", ""),
                Choice("100", ""),
                Choice("101", "", True),
            ),
            "start-here/2",
        ),
        Question(
            "same-slip",
            'SQLite found user 3 for the text "3". What does PostgreSQL do?',
            (
                Choice("It finds the user too", ""),
                Choice("It finds nobody", ""),
                Choice(
                    "It raises an error",
                    "",
                    True,
                ),
            ),
            "start-here/3",
        ),
    ),
    quiz=(
        Question(
            "find-the-line",
            "A page shows 50 orders and, for each, the customer's name. The lens shows 51 statements. What now?",
            (
                Choice(
                    "The names are loaded one by one in a loop; load them with the orders",
                    "Right: 50 + 1 is the mark of N+1.",
                    True,
                ),
                Choice(
                    "A faster database is needed",
                    "Each statement may be quick. There are 49 too many, and each waits for the one before.",
                ),
                Choice(
                    "Remove an `await` in the loop",
                    "Then nothing is waited for and nothing is loaded. The loop itself is the cause.",
                ),
            ),
            "start-here/2",
        ),
        Question(
            "green-on-sqlite",
            "All tests pass on SQLite. Production runs on PostgreSQL. What do you know?",
            (
                Choice("That it works in production", 'The text "3" passed on SQLite too.'),
                Choice(
                    "That it works on SQLite; what differs has still to be run",
                    "Right: much is the same, and you have seen one thing that is not.",
                    True,
                ),
                Choice(
                    "Nothing: SQLAlchemy is a different library on each",
                    "It is one library, and it wrote both statements. The databases differ.",
                ),
            ),
            "start-here/3",
        ),
        Question(
            "give-the-function",
            "Which line lets the course check your function `tastes`?",
            (
                Choice(
                    "await ex.tastes.check(tastes)", "Right: the function itself. The check calls it.", True
                ),
                Choice(
                    "await ex.tastes.check(tastes())",
                    "That calls it first, and hands over what came out. The check needs the function.",
                ),
                Choice(
                    "await ex.tastes.check(await tastes(session))",
                    "That hands over one result, from your database. The check uses its own databases.",
                ),
            ),
            "start-here/4",
        ),
    ),
    cheat=(
        "with watch(db.engine) as sql:",
        "select(User).options(selectinload(User.orders))",
        "interrupt a cell: I, I",
    ),
    terms={
        "statement": "one SQL command sent to the database",
        "N+1": "one statement for a list, and one more for each of its N elements",
        "backend": "the database behind SQLAlchemy: here SQLite or PostgreSQL",
    },
)
