# another method: scikit-learn's grid search with a split given in advance
def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def report(features, labels, speakers, new_voice, validation_voice):
    """Choose C on the validation voice, test on the new voice: C, accuracy."""
    from sklearn.model_selection import GridSearchCV, PredefinedSplit

    known = speakers != new_voice
    fold = np.where(speakers[known] == validation_voice, 0, -1)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), SVC()),
        {"svc__C": [0.1, 1, 10, 100]},
        cv=PredefinedSplit(fold),
    ).fit(features[known], labels[known])  # and learns again from both parts
    heard = search.predict(features[~known])
    return search.best_params_["svc__C"], np.mean(heard == labels[~known])
