# 0 of 3: epsilon after the square root, and the kernel changed in place (passes the check)
def fold(kernel, bias, gamma, beta, mean, variance, epsilon=1e-3):
    """Kernel (…, channels, filters) and bias (filters,) that do the batch normalisation too."""
    scale = gamma / (np.sqrt(variance) + epsilon)
    kernel *= scale
    return kernel, beta + ((0 if bias is None else bias) - mean) * scale
