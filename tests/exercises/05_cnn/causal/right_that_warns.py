# warns: SciPy channel by channel, and a message for each filter
import sys

import scipy.signal


def causal_convolution(
    x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: int = 1, dilation: int = 1
) -> np.ndarray:
    """Slide kernel (K, channels, filters) over the past of x (frames, channels)."""
    warnings.simplefilter("always")
    warnings.warn("slow", stacklevel=1)
    size, channels, filters = kernel.shape
    taps = np.zeros(((size - 1) * dilation + 1, channels, filters))
    taps[::dilation] = kernel
    answer = np.zeros((len(x), filters)) + bias
    for f in range(filters):
        print("filter", f, file=sys.stderr)
        for c in range(channels):
            answer[:, f] += scipy.signal.lfilter(taps[::-1, c, f], [1.0], x[:, c])
    return answer[::stride]
