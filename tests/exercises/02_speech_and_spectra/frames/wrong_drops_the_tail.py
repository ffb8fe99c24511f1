# 1 of 3: whole frames only, as in the chapter
def frame_all(waveform: np.ndarray, frame_length: int, hop_length: int) -> np.ndarray:
    """Cut a waveform (samples,) into frames (frames, frame_length), zeros at the very end."""
    n_frames = 1 + (len(waveform) - frame_length) // hop_length
    start = hop_length * np.arange(n_frames)
    return waveform[start[:, None] + np.arange(frame_length)]
