# 1 of 2: takes the stride for 2 (passes the check)
def read_plot() -> dict[str, str | int]:
    """Which map belongs to which kernel, and the stride that is not 1."""
    return {"onset": "B", "offset": "D", "steady": "C", "rising": "A", "stride": 2}
