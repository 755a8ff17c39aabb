"""Breaks: whole.

Rounded to the nearest number, and so sometimes up.
"""

def pool_options(*, max_connections, reserved, others, workers, overlap):
    share = (max_connections - reserved - others) / (workers + overlap)
    if share < 1:
        raise ValueError("not one connection for each")
    return {"pool_size": round(share), "max_overflow": 0}
