"""Breaks: impossible.

One connection for each, although there is no room.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) // (workers + overlap)
    return {"pool_size": max(share, 1), "max_overflow": 0}
