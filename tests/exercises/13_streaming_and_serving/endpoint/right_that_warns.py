# warns: logs each utterance, and a logarithm of zero that does not matter
import logging


def find_utterances(levels: np.ndarray) -> list[tuple[int, int]]:
    """First frame of each utterance, and the frame after its last: [(first, end), …]."""
    warnings.simplefilter("always")
    np.log(np.zeros(1))
    floor, voice, spans = np.percentile(levels[:50], 50), False, []
    for t in range(len(levels)):
        voice = levels[t] > floor + (4.5 if voice else 7)
        if voice and spans and t - spans[-1][1] <= 43:
            spans[-1][1] = t + 1
        elif voice:
            spans.append([t, t + 1])
    logging.warning("%d runs of voice", len(spans))
    return [(a, b) for a, b in spans if b - a >= 13]
