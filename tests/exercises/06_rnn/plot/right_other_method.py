# another method: computes the slopes from the curves
def read_plot() -> dict[str, float]:
    """What the figure shows: factor_a, singular_b, bias_c."""
    factor = {name: np.exp(np.diff(np.log(curve)).mean()) for name, curve in curves.items()}
    return {
        "factor_a": factor["A"],
        "singular_b": factor["B"],
        "bias_c": np.log(factor["C"] / (1 - factor["C"])),
    }
