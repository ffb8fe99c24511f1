# another method: computes the three from the curves
def read_plot() -> dict[str, float | str]:
    """What the figure shows: classes, too_large, step."""
    rises = {name: np.maximum(np.diff(curve), 0).sum() for name, curve in curves.items()}
    bump = np.convolve(np.diff(curves["D"]), np.ones(4), "valid")
    return {
        "classes": round(np.exp(curves["A"][0])),
        "too_large": max(rises, key=rises.get),
        "step": int(bump.argmax()),
    }
