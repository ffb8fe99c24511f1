# 1 of 2: reads every rise, whether the blank is higher or not (passes the check)
def read_plot() -> dict:
    """What the posterior shows: string, second_s, rival."""
    return {"string": [3, 3, 5, 0, 9], "second_s": 0.72, "rival": 1}
