# 2 of 3: lists the tones of 0 Hz and of half the rate twice (passes the check)
def possible_tones(heard: int, sample_rate: int, highest: int) -> list[int]:
    """Frequencies up to `highest` Hz that are heard as `heard` Hz at this sampling rate."""
    if heard > sample_rate / 2:
        return []
    tones = []
    for multiple in range(0, highest + sample_rate + 1, sample_rate):
        tones += [multiple - heard, multiple + heard]
    return sorted(tone for tone in tones if 0 <= tone <= highest)
