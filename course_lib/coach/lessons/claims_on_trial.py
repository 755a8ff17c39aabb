"""Lesson 20: every claim of the common recipe, judged by the reader first and by two databases then."""

from course_lib.coach.exercise import Choice, Lesson, Question

LESSON = Lesson(
    id="claims-on-trial",
    number="20",
    notebook="20_claims_on_trial",
    title="The claims on trial",
    promise="You will judge fifteen claims of the common recipe, and then let two databases judge all of them.",
    minutes=25,
    exercise_minutes=0,
    objectives=(
        "tell a false claim from one that is true but incomplete, or outdated",
        "read an experiment and say what its verdict rests on",
        "find the lesson step behind each verdict that surprised you",
        "put a claim of your own on trial",
    ),
    exercises=(),
    recall=(
        Question(
            "who-is-cut-off",
            "A task that waits for a query is cancelled. The session is used with `async with`. What becomes of "
            "the rows that were flushed and not committed?",
            (
                Choice("They are rolled back", "Right: the block ends, and the session closes.", True),
                Choice(
                    "They are committed on the way out",
                    "A session's block closes. Only a block made by `begin` commits, and not after an error.",
                ),
                Choice(
                    "They hang until the garbage collector comes",
                    "That is a session without a block. A cancellation leaves a block as any error does.",
                ),
            ),
            "limits-and-cancellation/4",
        ),
        Question(
            "what-flush-is-for",
            "You need the key of a new order before the transaction ends. What do you call?",
            (
                Choice("`await session.flush()`", "Right: it sends the INSERT and reads the key.", True),
                Choice("`await session.commit()`", "That ends the transaction; there is no way back."),
                Choice("`session.add(order)`", "That sends nothing: the key is None still."),
            ),
            "sessions/4",
        ),
    ),
    predictions=(
        Question(
            "two-databases",
            "A claim holds on SQLite without exception, and does not hold on PostgreSQL. What is the verdict?",
            (
                Choice("true but incomplete", "", True),
                Choice("false", ""),
                Choice("true: it is about SQLite", ""),
                Choice("outdated", ""),
            ),
            "claims-on-trial/1",
        ),
        Question(
            "plainly-true",
            'The recipe makes some fifty claims. How many of them are true without a "but"?',
            (
                Choice("None", ""),
                Choice("Fewer than ten", "", True),
                Choice("About half of them", ""),
                Choice("Most of them: more than 35", ""),
            ),
            "claims-on-trial/3",
        ),
        Question(
            "two-versions",
            "The same experiments were run on SQLAlchemy 2.0. How many verdicts are different there?",
            (
                Choice("None", "", True),
                Choice("About five", ""),
                Choice("About twenty", ""),
            ),
            "claims-on-trial/4",
        ),
    ),
    quiz=(
        Question(
            "what-makes-it-incomplete",
            "The claim: `pool_pre_ping=True` makes sure that a connection works before it is used. The experiment kills a "
            "connection that is checked out, after the ping. What does that make of the claim?",
            (
                Choice(
                    "True but incomplete",
                    "Right. It holds where it was meant, at checkout. The kill afterwards is a counterexample.",
                    True,
                ),
                Choice(
                    "False",
                    "It would be false if the ping did not find a connection that was dead at checkout. It does.",
                ),
                Choice(
                    "Outdated",
                    "Outdated means that something newer has taken its place. Nothing has: a retry stands beside it.",
                ),
            ),
            "claims-on-trial/1",
        ),
        Question(
            "a-colleague-says",
            'A colleague says: "It works with SQLite in our tests, so it works." Which kind of claim is most likely '
            "to fall on PostgreSQL?",
            (
                Choice(
                    "What a loader sends",
                    "The ORM writes these statements, the same on both. Your tests show it.",
                ),
                Choice(
                    "What happens when connections are killed, or two transactions meet",
                    "Right: that is the server's and the driver's work, and SQLite has no server.",
                    True,
                ),
                Choice(
                    "Which attributes are expired after a commit",
                    "That is the session's own book-keeping. No database is asked.",
                ),
            ),
            "claims-on-trial/4",
        ),
        Question(
            "after-the-upgrade",
            "Your project goes from SQLAlchemy 2.0 to the next version. How do you find out what changed for the "
            "claims that you rely on?",
            (
                Choice(
                    "Read the list of changes",
                    "Worth it, and it tells what the authors thought of. It does not know what you rely on.",
                ),
                Choice(
                    "Run the same experiments on both, and compare",
                    "Right. `course trials --json` does it for the recipe's, a test of your own for yours.",
                    True,
                ),
                Choice(
                    "Upgrade, and look at the logs for a week",
                    "Lost rows and late commits write no log. An experiment looks where they would be.",
                ),
            ),
            "claims-on-trial/4",
        ),
    ),
    cheat=(
        'await trial(name).run("postgresql")',
        "course trials --json",
    ),
    terms={
        "trial": "a claim with an experiment that a database can settle",
        "finding": "what an experiment saw: whether the claim holds, and its counterexamples",
        "counterexample": "one case in which a claim that holds elsewhere does not",
        "ledger": "the table of all claims, backend by backend, with their verdicts",
    },
)
