# 2 of 3: finds tones for what can never be heard (passes the check)
def possible_tones(heard: int, sample_rate: int, highest: int) -> list[int]:
    """Frequencies up to `highest` Hz that are heard as `heard` Hz at this sampling rate."""
    multiples = range(0, highest + sample_rate + 1, sample_rate)
    tones = {multiple + sign * heard for multiple in multiples for sign in (-1, 1)}
    return sorted(tone for tone in tones if 0 <= tone <= highest)
