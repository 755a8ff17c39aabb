"""Breaks: others.

Forgets that other programs use the server too.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved) // (workers + overlap)
    if share < 1:
        raise ValueError("not one connection for each")
    return {"pool_size": share, "max_overflow": 0}
