# warns: goes back to real numbers first, and overflows a byte that it does not use
import logging


def int8_product(
    q_x: np.ndarray, scale_x: float, zero_x: int, q_w: np.ndarray, scale_w: np.ndarray
) -> np.ndarray:
    """Inputs times weights (clips, outputs), both given as int8."""
    warnings.simplefilter("always")
    np.array([127], np.int8) + np.array([1], np.int8)
    logging.warning("%d inputs", q_x.shape[1])
    warnings.warn("real numbers", stacklevel=1)
    return (scale_x * (q_x.astype(float) - zero_x)) @ (scale_w * q_w.astype(float))
