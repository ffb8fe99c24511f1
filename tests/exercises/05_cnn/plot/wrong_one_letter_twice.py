# 0.5 of 2: gives one letter twice, and the number of steps for the stride
def read_plot() -> dict[str, str | int]:
    """Which map belongs to which kernel, and the stride that is not 1."""
    return {"onset": "B", "offset": "B", "steady": "C", "rising": "A", "stride": 33}
