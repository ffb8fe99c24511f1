# 1 of 3: only whole multiples of the rate above the tone, none mirrored
def possible_tones(heard: int, sample_rate: int, highest: int) -> list[int]:
    """Frequencies up to `highest` Hz that are heard as `heard` Hz at this sampling rate."""
    if heard > sample_rate / 2:
        return []
    return list(range(heard, highest + 1, sample_rate))
