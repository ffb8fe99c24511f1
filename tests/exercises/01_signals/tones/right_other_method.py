# another method: asks of every frequency where it is heard
def possible_tones(heard: int, sample_rate: int, highest: int) -> list[int]:
    """Frequencies up to `highest` Hz that are heard as `heard` Hz at this sampling rate."""
    found = []
    for frequency in range(highest + 1):
        beyond = frequency % sample_rate  # whole multiples of the rate change nothing
        if min(beyond, sample_rate - beyond) == heard:
            found.append(frequency)
    return found
