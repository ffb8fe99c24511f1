# 1 of 2: leaves C out
def read_plot() -> dict[str, float]:
    """What the figure shows: factor_a, singular_b, bias_c."""
    return {"factor_a": 0.8, "singular_b": 1.1}
