# warns: prints the accuracy for each C, and warns of few clips
import sys


def faulty_line() -> int:
    """Number of the line in the listing."""
    return 8


def report(features, labels, speakers, new_voice, validation_voice):
    """Choose C on the validation voice, test on the new voice: C, accuracy."""
    warnings.simplefilter("always")
    warnings.warn("one validation voice is one draw", stacklevel=1)
    best = (-1.0, None)
    check = speakers == validation_voice
    learn = (speakers != new_voice) & ~check
    for C in (100, 10, 1, 0.1):
        model = make_pipeline(StandardScaler(), SVC(C=C)).fit(features[learn], labels[learn])
        value = model.score(features[check], labels[check])
        print(C, value, file=sys.stderr)
        if value >= best[0]:
            best = (value, C)
    model = make_pipeline(StandardScaler(), SVC(C=best[1]))
    model.fit(features[learn | check], labels[learn | check])
    new = speakers == new_voice
    return best[1], model.score(features[new], labels[new])
