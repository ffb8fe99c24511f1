# 0.5 of 2: merges the two words, and so takes the third for the second (passes the check)
def read_plot() -> dict:
    """What the posterior shows: string, second_s, rival."""
    return {"string": [3, 5, 9], "second_s": 1.08, "rival": 1}
