# 0 of 2: adds up in int16, which large numbers overflow (passes the check)
def int8_product(q_x, scale_x, zero_x, q_w, scale_w):
    """Inputs times weights (clips, outputs), both given as int8."""
    total = (q_x.astype(np.int16) - np.int16(zero_x)) @ q_w.astype(np.int16)
    return total * (scale_x * scale_w)
