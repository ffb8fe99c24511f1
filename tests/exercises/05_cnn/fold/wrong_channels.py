# 0 of 3: scales the channels, not the filters
def fold(kernel, bias, gamma, beta, mean, variance, epsilon=1e-3):
    """Kernel (…, channels, filters) and bias (filters,) that do the batch normalisation too."""
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale[:, None], beta + ((0 if bias is None else bias) - mean) * scale
