# another method: byte by byte, with the standard library
import struct


def to_messages(waveform: np.ndarray, n_samples: int) -> list[bytes]:
    """Cut a waveform (samples,) into messages of 16-bit samples."""
    messages, message = [], b""
    for x in waveform:
        message += struct.pack("<h", round(32767 * float(min(1, max(-1, x)))))
        if len(message) == 2 * n_samples:
            messages.append(message)
            message = b""
    return messages + [message] * bool(message)


def from_message(message: bytes) -> np.ndarray:
    """Samples (samples,) of a message, float32."""
    count, half = divmod(len(message), 2)
    if half or not count:
        raise ValueError("half a sample, or none")
    return np.array(struct.unpack(f"<{count}h", message), np.float32) / np.float32(32768)
