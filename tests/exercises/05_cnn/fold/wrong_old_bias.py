# 1 of 3: the bias of the convolution is not scaled
def fold(kernel, bias, gamma, beta, mean, variance, epsilon=1e-3):
    """Kernel (…, channels, filters) and bias (filters,) that do the batch normalisation too."""
    scale = gamma / np.sqrt(variance + epsilon)
    return kernel * scale, (0 if bias is None else bias) - mean * scale + beta
