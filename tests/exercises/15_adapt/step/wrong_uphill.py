# less than 3 of 3: goes up the gradient
def adapted(
    table: np.ndarray,
    old: np.ndarray,
    embeddings: np.ndarray,
    labels: np.ndarray,
    rate: float,
    pull: float,
) -> np.ndarray:
    """The last layer (numbers, classes) after one step of gradient descent."""
    logits = embeddings @ table
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    error = powers / powers.sum(axis=1, keepdims=True)
    error[np.arange(len(labels)), labels] -= 1
    gradient = embeddings.T @ error / len(labels) + pull * (table - old)
    return table + rate * gradient
