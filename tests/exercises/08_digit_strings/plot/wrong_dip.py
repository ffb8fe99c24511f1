# 1 of 2: takes the dip for a border between two words (passes the check)
def read_plot() -> dict:
    """What the posterior shows: string, second_s, rival."""
    return {"string": [3, 3, 5, 5, 9], "second_s": 0.72, "rival": 1}
