# 0 of 3: a frame for each start, though the last sample is already in one (passes the check)
def frame_all(waveform: np.ndarray, frame_length: int, hop_length: int) -> np.ndarray:
    """Cut a waveform (samples,) into frames (frames, frame_length), zeros at the very end."""
    padded = np.append(waveform, np.zeros(frame_length, waveform.dtype))
    starts = range(0, len(waveform), hop_length)
    return np.array([padded[start : start + frame_length] for start in starts])
