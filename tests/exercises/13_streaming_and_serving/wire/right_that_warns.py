# warns: counts on stderr, and lets a byte overflow that it does not use
import sys


def to_messages(waveform: np.ndarray, n_samples: int) -> list[bytes]:
    """Cut a waveform (samples,) into messages of 16-bit samples."""
    warnings.simplefilter("always")
    np.array([127], np.int8) + np.array([1], np.int8)
    print(len(waveform), "samples", file=sys.stderr)
    whole = np.rint(np.minimum(np.maximum(waveform, -1), 1) * 32767).astype(np.int16)
    cuts = range(n_samples, len(whole), n_samples)
    return [piece.tobytes() for piece in np.split(whole, cuts) if len(piece)]


def from_message(message: bytes) -> np.ndarray:
    """Samples (samples,) of a message, float32."""
    warnings.warn(f"{len(message)} bytes", stacklevel=1)
    low, high = (np.frombuffer(message[k::2], np.uint8).astype(int) for k in (0, 1))
    if len(low) != len(high) or len(low) == 0:
        raise ValueError("not two bytes for each sample")
    whole = low + 256 * high
    return ((whole - 65536 * (whole > 32767)) / 32768).astype(np.float32)
