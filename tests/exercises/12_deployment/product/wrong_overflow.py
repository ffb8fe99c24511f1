# 0 of 2: multiplies and adds up in int8 (passes the check)
def int8_product(q_x, scale_x, zero_x, q_w, scale_w):
    """Inputs times weights (clips, outputs), both given as int8."""
    return ((q_x - np.int8(zero_x)) @ q_w) * (scale_x * scale_w)
