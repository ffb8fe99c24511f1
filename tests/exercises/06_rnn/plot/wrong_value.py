# 0.5 of 2: reads values at the right edge, and a bias by guessing (passes the check)
def read_plot() -> dict[str, float]:
    """What the figure shows: factor_a, singular_b, bias_c."""
    return {"factor_a": 1.4e-5, "singular_b": 1.1, "bias_c": 1.0}
