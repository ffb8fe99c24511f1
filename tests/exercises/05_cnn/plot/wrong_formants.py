# 1.5 of 2: mixes the two formants up (passes the check)
def read_plot() -> dict[str, str | int]:
    """Which map belongs to which kernel, and the stride that is not 1."""
    return {"onset": "B", "offset": "D", "steady": "A", "rising": "C", "stride": 3}
