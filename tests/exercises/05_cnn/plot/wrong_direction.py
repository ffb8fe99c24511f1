# 1.5 of 2: takes beginnings for ends (passes the check)
def read_plot() -> dict[str, str | int]:
    """Which map belongs to which kernel, and the stride that is not 1."""
    return {"onset": "D", "offset": "B", "steady": "C", "rising": "A", "stride": 3}
