# another method: goes through the frames once and counts the silent ones
def find_words(levels: np.ndarray, top_db: float, longest_gap: int) -> list[tuple[int, int]]:
    """First frame of each word, and the frame after its last: from levels (frames,) in dB."""
    words, loudest = [], max(levels)
    for frame, level in enumerate(levels):
        if loudest - level > top_db:
            continue
        if words and frame - words[-1][1] <= longest_gap:
            words[-1] = (words[-1][0], frame + 1)
        else:
            words.append((frame, frame + 1))
    return words
