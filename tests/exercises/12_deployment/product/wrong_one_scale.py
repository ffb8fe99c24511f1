# 1 of 2: takes the first scale for all outputs (passes the check)
def int8_product(q_x, scale_x, zero_x, q_w, scale_w):
    """Inputs times weights (clips, outputs), both given as int8."""
    return ((q_x.astype(int) - zero_x) @ q_w.astype(int)) * scale_x * scale_w[0]
