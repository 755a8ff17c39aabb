"""Breaks: limit.

`max_overflow` is 10 unless something else is said.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) // (workers + overlap)
    if share < 1:
        raise ValueError("not one connection for each")
    return {"pool_size": share}
