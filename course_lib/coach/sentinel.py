"""What a starter returns before anything was written."""


class NotAttempted:
    """What a starter returns until the reader has written an answer; never `None`, which may be right."""

    def __repr__(self) -> str:
        return "not attempted yet: replace `return not_attempted` with your answer"

    def __format__(self, specification: str) -> str:
        return repr(self)  # `f"{answer:,}"` in a cell below the starter is no error

    def __reduce__(self) -> str:
        return "not_attempted"  # copies and pickles are the same object


not_attempted = NotAttempted()
