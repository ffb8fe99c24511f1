# 0 of 2: takes the factor from the decades: ten steps a power of ten (passes the check)
def read_plot() -> dict[str, float]:
    """What the figure shows: factor_a, singular_b, bias_c."""
    return {"factor_a": 0.1, "singular_b": 10, "bias_c": 1.0}
