"""Breaks: reserved.

Counts on the connections that are kept for administrators.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - others) // (workers + overlap)
    if share < 1:
        raise ValueError("not one connection for each")
    return {"pool_size": share, "max_overflow": 0}
