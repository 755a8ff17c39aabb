"""What a lane leaves out, and why. This is the only place that says so, and each lane prints it.

The keys are ids of tests without their parameters.
"""

# Both lanes: what takes long and proves nothing more on another version.
SLOW = {
    "tests/patterns/test_bulk.py::test_a_hundred_thousand_rows_in_one_transaction": (
        "six times a hundred thousand rows; the main run sends them"
    ),
    "tests/coach/test_hostile.py::test_in_a_fresh_process": (
        "the same answers run in a fork of the newer Python here, and in a fresh process in the main run"
    ),
}

# SQLAlchemy 2.0: what is about 2.1 alone. Such a test is run, and must fail: once it passes, its line can go.
ONLY_ON_2_1: dict[str, str] = {}
