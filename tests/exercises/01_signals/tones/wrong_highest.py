# 2 of 3: leaves out a tone at the highest frequency (passes the check)
def possible_tones(heard: int, sample_rate: int, highest: int) -> list[int]:
    """Frequencies up to `highest` Hz that are heard as `heard` Hz at this sampling rate."""
    if heard > sample_rate / 2:
        return []
    found = []
    for frequency in range(highest):
        if abs(frequency - sample_rate * round(frequency / sample_rate)) == heard:
            found.append(frequency)
    return found
