# 1 of 3: adds a frame of zeros where the waveform fits exactly (passes the check)
def frame_all(waveform: np.ndarray, frame_length: int, hop_length: int) -> np.ndarray:
    """Cut a waveform (samples,) into frames (frames, frame_length), zeros at the very end."""
    n_frames = 2 + (len(waveform) - frame_length) // hop_length
    padded = np.append(waveform, np.zeros(frame_length + hop_length, waveform.dtype))
    start = hop_length * np.arange(n_frames)
    return padded[start[:, None] + np.arange(frame_length)]
