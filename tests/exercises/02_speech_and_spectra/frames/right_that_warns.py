# warns: a deprecated function of its own, and a line in the log
import logging
import warnings


def frame_all(waveform: np.ndarray, frame_length: int, hop_length: int) -> np.ndarray:
    """Cut a waveform (samples,) into frames (frames, frame_length), zeros at the very end."""
    logging.warning("framing %d samples", len(waveform))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("this will be faster next year", FutureWarning)
    n_frames = 1 + int(np.ceil(max(0, len(waveform) - frame_length) / hop_length))
    padded = np.zeros((n_frames - 1) * hop_length + frame_length)
    padded[: len(waveform)] = waveform
    return np.lib.stride_tricks.sliding_window_view(padded, frame_length)[::hop_length]
