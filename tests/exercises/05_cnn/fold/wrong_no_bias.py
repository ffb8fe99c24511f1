# 2 of 3: does not know a convolution without a bias (passes the check)
def fold(kernel, bias, gamma, beta, mean, variance, epsilon=1e-3):
    """Kernel (…, channels, filters) and bias (filters,) that do the batch normalisation too."""
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale, beta + (bias - mean) * scale
