# 2 of 3: a waveform shorter than a frame gives no frame at all (passes the check)
def frame_all(waveform: np.ndarray, frame_length: int, hop_length: int) -> np.ndarray:
    """Cut a waveform (samples,) into frames (frames, frame_length), zeros at the very end."""
    n_frames = int(np.ceil((len(waveform) - frame_length) / hop_length)) + 1
    if len(waveform) < frame_length:
        return np.zeros((0, frame_length))
    padded = np.append(waveform, np.zeros(frame_length, waveform.dtype))
    return np.array([padded[m * hop_length :][:frame_length] for m in range(n_frames)])
