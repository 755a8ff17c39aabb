"""Hands the connections out one round at a time."""

def pool_options(**numbers):
    left = numbers["max_connections"] - numbers["reserved"] - numbers["others"]
    share = 0
    while left >= (everybody := numbers["workers"] + numbers["overlap"]):
        left -= everybody
        share += 1
    if not share:
        raise ValueError("no room for everybody")
    return {"max_overflow": 0, "pool_size": share}
