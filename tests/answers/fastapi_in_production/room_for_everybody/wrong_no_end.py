"""Breaks: limit.

`pool_size=0` with an overflow of the share has no limit at all.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) // (workers + overlap)
    if share < 1:
        raise ValueError("not one connection for each")
    return {"pool_size": 0, "max_overflow": share}
