"""The recognisers without a network, as chapter 04 defines them.

Each `fit_…` takes the corpus to train on and returns a `Recogniser`. Settings are those that
the chapter chose on its development clips.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

from course_utils import features
from course_utils.corpora import Corpus

import numpy as np
from hmmlearn.hmm import GMMHMM
from scipy.special import logsumexp
from sklearn.linear_model import RidgeClassifierCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

# hmmlearn logs every training that stops at our limit of rounds; that limit is wanted
logging.getLogger("hmmlearn").setLevel(logging.ERROR)

TEMPLATES = 12  # of each digit
STATES, MIXTURES, ROUNDS, CLIPS_PER_DIGIT = 5, 2, 4, 40
DILATIONS = (1, 2, 4, 8)
QUANTILES = (0.125, 0.375, 0.625, 0.875)
PLACES = list(combinations(range(9), 3))
PATTERNS = np.array([[2 if k in twos else -1 for k in range(9)] for twos in PLACES], np.float32)


class Recogniser(NamedTuple):
    """A trained recogniser: corpus to labels (clips,), and how many numbers it keeps."""

    predict: Callable[[Corpus], np.ndarray]
    parameters: int


def mfccs_of(corpus: Corpus) -> list[np.ndarray]:
    """MFCC of each clip, (frames, 13); of clips longer than a second, the middle."""
    longest = corpus.sample_rate
    log_mel = features.log_mel(features.pad_or_crop(corpus.waveforms, longest))
    n_frames = features.COURSE_FRONT_END.n_frames
    lengths = [n_frames(min(len(clip), longest)) for clip in corpus.waveforms]
    return [mfcc[:n] for mfcc, n in zip(features.mfcc(log_mel, n_mfcc=13), lengths)]


def pad(arrays: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Stack arrays (frames, numbers), zeros at the end: (arrays, longest, numbers), lengths."""
    lengths = np.array([len(array) for array in arrays])
    padded = np.zeros((len(arrays), lengths.max(), arrays[0].shape[1]), np.float32)
    for row, array in zip(padded, arrays):
        row[: len(array)] = array
    return padded, lengths


# ---------------------------------------------------------------- means and deviations


def pool(corpus: Corpus) -> np.ndarray:
    """Mean and deviation of each coefficient over time: (clips, 26)."""
    return np.array([np.concatenate([m.mean(axis=0), m.std(axis=0)]) for m in mfccs_of(corpus)])


def fit_neighbour(train: Corpus) -> Recogniser:
    pooled = pool(train)
    model = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=1))
    model.fit(pooled, train.labels)
    return Recogniser(lambda test: model.predict(pool(test)), pooled.size)


def fit_svm(train: Corpus) -> Recogniser:
    model = make_pipeline(StandardScaler(), SVC(C=10)).fit(pool(train), train.labels)
    machine = model[-1]
    parameters = machine.support_vectors_.size + machine.dual_coef_.size + machine.intercept_.size
    return Recogniser(lambda test: model.predict(pool(test)), parameters)


# ---------------------------------------------------------------- dynamic time warping


def for_dtw(mfcc: np.ndarray) -> np.ndarray:
    """Loudness left out, mean over the clip subtracted, every second frame: (frames, 12)."""
    return (mfcc[:, 1:] - mfcc[:, 1:].mean(axis=0))[::2]


def dtw_distances(clips: list[np.ndarray], templates: list[np.ndarray]) -> np.ndarray:
    """DTW distance of each clip to each template, per frame: (clips, templates)."""
    (a, n), (b, m) = pad(clips), pad(templates)
    squares = (a**2).sum(-1).T[:, None, :, None] + (b**2).sum(-1).T[None, :, None, :]
    products = np.einsum("cid,tjd->ijct", a, b, optimize=True)
    cost = np.sqrt(np.maximum(squares - 2 * products, 0))
    total = np.full((a.shape[1] + 1, b.shape[1] + 1, len(a), len(b)), np.inf, np.float32)
    total[0, 0] = 0
    for i in range(a.shape[1]):
        for j in range(b.shape[1]):
            best = np.minimum(np.minimum(total[i, j], total[i, j + 1]), total[i + 1, j])
            total[i + 1, j + 1] = cost[i, j] + best
    clip, template = np.ogrid[: len(a), : len(b)]
    return total[n[:, None], m, clip, template] / (n[:, None] + m)


def fit_dtw(train: Corpus) -> Recogniser:
    rng = np.random.default_rng(0)
    digits = [np.flatnonzero(train.labels == digit) for digit in range(10)]
    chosen = train.select(np.concatenate([rng.permutation(clips)[:TEMPLATES] for clips in digits]))
    templates = [for_dtw(mfcc) for mfcc in mfccs_of(chosen)]

    def predict(test: Corpus) -> np.ndarray:
        clips = [for_dtw(mfcc) for mfcc in mfccs_of(test)]
        by_length = np.argsort([len(clip) for clip in clips])  # little padding in each block
        nearest = np.empty(len(clips), int)
        for block in np.array_split(by_length, len(clips) // 30 + 1):
            nearest[block] = dtw_distances([clips[i] for i in block], templates).argmin(axis=1)
        return chosen.labels[nearest]

    return Recogniser(predict, sum(template.size for template in templates))


# ---------------------------------------------------------------- hidden Markov models


def for_hmm(mfcc: np.ndarray) -> np.ndarray:
    """12 MFCC and 13 deltas, every second frame: (frames, 25)."""
    return np.hstack([mfcc[:, 1:], features.delta(mfcc, width=5)])[::2]


def train_hmm(clips: list[np.ndarray]) -> GMMHMM:
    """Train a left-to-right model on clips (frames, 25) of one digit, from a flat start."""
    parts = [np.array_split(clip, STATES) for clip in clips]
    frames = [np.concatenate([part[state] for part in parts]) for state in range(STATES)]
    mean = np.array([part.mean(axis=0) for part in frames])
    variance = np.array([part.var(axis=0) for part in frames]) + 1e-2
    leave = min(0.9, STATES / np.mean([len(clip) for clip in clips]))
    model = GMMHMM(STATES, MIXTURES, covariance_type="diag", init_params="", n_iter=ROUNDS)
    model.startprob_ = np.eye(STATES)[0]
    model.transmat_ = (1 - leave) * np.eye(STATES) + leave * np.eye(STATES, k=1)
    model.transmat_[-1, -1] = 1
    model.weights_ = np.full((STATES, MIXTURES), 1 / MIXTURES)
    model.means_ = mean[:, None] + np.sqrt(variance)[:, None] * np.array([[-0.3], [0.3]])
    model.covars_ = np.repeat(variance[:, None], MIXTURES, axis=1)
    return model.fit(np.concatenate(clips), [len(clip) for clip in clips])


def log_likelihood(model: GMMHMM, clips: list[np.ndarray]) -> np.ndarray:
    """Forward recurrence over a list of clips (frames, 25): (clips,)."""
    padded, lengths = pad(clips)
    frames, precision = padded.astype(float), 1 / model.covars_
    squares = (
        np.einsum("...d,skd->...sk", frames**2, precision, optimize=True)
        - 2 * np.einsum("...d,skd->...sk", frames, model.means_ * precision, optimize=True)
        + (model.means_**2 * precision).sum(axis=-1)
    )
    constant = np.log(2 * np.pi * model.covars_).sum(axis=-1)
    emission = logsumexp(np.log(model.weights_) - (squares + constant) / 2, axis=-1)
    transition = np.log(np.maximum(model.transmat_, 1e-300))
    alpha = np.log(np.maximum(model.startprob_, 1e-300)) + emission[:, 0]
    for t in range(1, padded.shape[1]):
        following = logsumexp(alpha[:, :, None] + transition, axis=1) + emission[:, t]
        alpha = np.where((t < lengths)[:, None], following, alpha)  # a clip that ended waits
    return logsumexp(alpha, axis=1)


def fit_hmm(train: Corpus) -> Recogniser:
    rng = np.random.default_rng(0)
    mfccs, models = mfccs_of(train), []
    for digit in range(10):
        chosen = rng.permutation(np.flatnonzero(train.labels == digit))[:CLIPS_PER_DIGIT]
        models.append(train_hmm([for_hmm(mfccs[i]) for i in chosen]))

    def predict(test: Corpus) -> np.ndarray:
        clips = [for_hmm(mfcc) for mfcc in mfccs_of(test)]
        return np.argmax([log_likelihood(model, clips) for model in models], axis=0)

    used = models[0]  # of the transitions, only staying and going on are used
    each = used.weights_.size + used.means_.size + used.covars_.size + 2 * STATES - 1
    return Recogniser(predict, 10 * each)


# ---------------------------------------------------------------- random convolutions


def draw_kernels(rng: np.random.Generator) -> np.ndarray:
    """84 kernels, each pattern with random signs on random coefficients: (9, 13, 84)."""
    signs = np.zeros((13, len(PATTERNS)), np.float32)
    for kernel in signs.T:
        used = rng.choice(13, size=int(2 ** rng.uniform(0, np.log2(14))), replace=False)
        kernel[used] = rng.choice([-1, 1], size=len(used))
    return PATTERNS.T[:, None, :] * signs


def respond(padded: np.ndarray, kernels: np.ndarray, dilation: int) -> np.ndarray:
    """Responses of kernels (9, 13, kernels) to (clips, frames, 13): (clips, frames, kernels)."""
    clips, frames, _ = padded.shape
    wide = np.pad(padded, ((0, 0), (4 * dilation, 4 * dilation), (0, 0)))
    taps = [wide[:, k * dilation : k * dilation + frames] for k in range(9)]
    rows = np.concatenate(taps, axis=-1).reshape(clips * frames, -1)
    return (rows @ kernels.reshape(-1, kernels.shape[-1])).reshape(clips, frames, -1)


def share_above(responses: np.ndarray, lengths: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Share of a clip's frames above each threshold: (clips, thresholds · kernels)."""
    beyond_end = np.arange(responses.shape[1]) >= lengths[:, None]
    responses[beyond_end] = -np.inf  # padding is never above
    shares = [(responses > threshold).sum(axis=1) / lengths[:, None] for threshold in thresholds]
    return np.concatenate(shares, axis=1, dtype=np.float32)


def fit_convolutions(train: Corpus) -> Recogniser:
    rng = np.random.default_rng(0)

    def prepare(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
        return pad([mfcc - mfcc.mean(axis=0) for mfcc in mfccs_of(corpus)])

    padded, lengths = prepare(train)
    filters = []  # one (kernels, dilation, thresholds) for each dilation
    for dilation in DILATIONS:
        kernels = draw_kernels(rng)
        some = rng.choice(len(train.labels), 100)
        sample = respond(padded[some], kernels, dilation)
        inside = np.arange(sample.shape[1]) < lengths[some, None]
        thresholds = np.quantile(sample[inside], QUANTILES, axis=0).astype(np.float32)
        filters.append((kernels, dilation, thresholds))

    def shares(padded: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        columns = [share_above(respond(padded, k, d), lengths, t) for k, d, t in filters]
        return np.concatenate(columns, axis=1)

    model = make_pipeline(StandardScaler(), RidgeClassifierCV(alphas=np.logspace(1, 4, 4)))
    model.fit(shares(padded, lengths), train.labels)
    weights = model[-1].coef_.size + model[-1].intercept_.size
    thresholds = sum(threshold.size for _, _, threshold in filters)
    return Recogniser(lambda test: model.predict(shares(*prepare(test))), weights + thresholds)


BASELINES = {
    "nearest neighbour": fit_neighbour,
    "SVM": fit_svm,
    "DTW templates": fit_dtw,
    "GMM-HMM": fit_hmm,
    "random convolutions": fit_convolutions,
}
