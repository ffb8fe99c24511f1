"""What `run.py strings` measures: digit strings of known and of unknown voices (chapter 08).

`string_rows` gives the word error rate and the share of whole strings that are right, of
strings of three to seven digits and of strings of exactly three. Intervals are bootstraps
over strings, each string's errors averaged over the seeds. No choice is made here on a test
set: the recipe was chosen on takes 45-49 and on a pair of speakers left out together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from course_utils import connected_digits, corpora, ctc, models, training
from course_utils.augmentation import Spectra, spectra_of
from course_utils.corpora import Corpus
from course_utils.metrics import rate

import jiwer
import keras
import numpy as np

EPOCHS = {"official": 48, "unknown": 30, "validation": 16}
N_STRINGS = 300
METRICS = ("wer", "exact strings", "exact strings of three digits")
MEAN_OF_SIX = "unknown speaker, mean of six"
TEST_SEED = 7  # of the strings to be read: the same for every model


def two_sided_network() -> keras.Model:
    """Return `models.connected_digit_network` with half of its zeros behind the clip: not causal."""

    def look_ahead(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if isinstance(layer, keras.layers.ZeroPadding1D):
            config["padding"] = [sum(config["padding"]) // 2] * 2
        if isinstance(layer, keras.layers.ZeroPadding2D):
            before, _ = config["padding"][0]
            config["padding"] = [[before - before // 2, before // 2], config["padding"][1]]
        return type(layer).from_config(config)

    return keras.models.clone_model(models.connected_digit_network(), clone_function=look_ahead)


def fit(
    train: Corpus,
    extra: tuple[Spectra, np.ndarray, np.ndarray],
    seed: int,
    epochs: int,
    build: Callable[[], keras.Model] = models.connected_digit_network,
) -> keras.Model:
    """Train as chapter 08 does."""
    keras.utils.clear_session()
    training.set_seed(seed)
    model = build()
    clips = ctc.ConnectedDigitClips(
        spectra_of(train.waveforms), train.labels, train.speakers, seed, extra=extra
    )
    training.train(model, clips, epochs=epochs, loss=ctc.ctc_loss, metrics=(), progress=False)
    return model


def read(model: keras.Model, composed: connected_digits.Strings) -> dict:
    """Read strings greedily: the edits that each needs, and its words."""
    found = [
        connected_digits.greedy_decode(t) for t in ctc.log_posteriors(model, composed.waveforms)
    ]
    edits = []
    for pair in zip(composed.targets, found, strict=True):
        result = jiwer.process_words(*(" ".join(map(str, symbols)) for symbols in pair))
        edits.append(result.substitutions + result.deletions + result.insertions)
    return {"edits": edits, "words": [len(target) for target in composed.targets]}


def measure(
    record,
    model: str,
    fitted: Callable[[Corpus], keras.Model],
    parts: Sequence[tuple[str, tuple[Corpus, Corpus]]],
    split: str,
    seed: int,
) -> None:
    """Train and read on each part of a split, and keep the runs in `record`."""
    for part, (train, test) in parts:
        if record.has(model=model, corpus=test.name, split=split, part=part, seed=seed):
            continue
        wall, cpu = time.perf_counter(), time.process_time()
        network = fitted(train)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        long = read(network, connected_digits.compose(test, N_STRINGS, TEST_SEED))
        three = read(network, connected_digits.compose(test, N_STRINGS, TEST_SEED, 3, 3))
        record.add(
            model=model,
            corpus=test.name,
            split=split,
            part=part,
            parts=len(parts),
            seed=seed,
            long=long,
            three=three,
            parameters=network.count_params(),
            train_seconds=wall,
            train_cpu_seconds=cpu / 2,
        )
        print(
            f"strings: {model}, {part}, seed {seed}: word error rate "
            f"{sum(long['edits']) / sum(long['words']):.2%}, three digits exact "
            f"{np.mean(np.array(three['edits']) == 0):.2%}, trained in {wall:.1f} s "
            f"({cpu:.1f} s of processor time)",
            flush=True,
        )


def measure_all(
    record,
    corpus: Corpus,
    extra: tuple[Spectra, np.ndarray, np.ndarray],
    seeds: Sequence[int],
) -> None:
    """Known voices with every seed; unknown ones with the first; and what causality costs."""
    official = corpora.official_split(corpus)
    for seed in seeds:
        measure(
            record,
            "connected_digit_network",
            lambda train, seed=seed: fit(train, extra, seed, EPOCHS["official"]),
            [("official", official)],
            "official",
            seed,
        )
    measure(
        record,
        "connected_digit_network",
        lambda train: fit(train, extra, seeds[0], EPOCHS["unknown"]),
        list(corpora.leave_one_speaker_out(corpus)),
        MEAN_OF_SIX,
        seeds[0],
    )
    last = official.train.takes >= 45
    held_out = official.train.select(~last), official.train.select(last)
    for model, build in (
        ("connected_digit_network", models.connected_digit_network),
        ("connected_digit_network, not causal", two_sided_network),
    ):
        measure(
            record,
            model,
            lambda train, build=build: fit(train, extra, seeds[0], EPOCHS["validation"], build),
            [("takes 45-49", held_out)],
            "official, validation",
            seeds[0],
        )


def interval(share: np.ndarray, whole: np.ndarray) -> tuple[float, float]:
    """95 % interval of sum(share) / sum(whole) over strings; Wilson's where nothing varies."""
    if share.std() == 0 and whole.std() == 0 or share.sum() == 0:
        _, low, high = rate(round(share.sum()), int(whole.sum()))
        return float(low), float(high)
    again = np.random.default_rng(0).integers(len(share), size=(2000, len(share)))
    low, high = np.percentile(share[again].sum(axis=1) / whole[again].sum(axis=1), [2.5, 97.5])
    return float(low), float(high)


def string_rows(group: str, runs: list[dict], row: Callable[..., dict]) -> list[dict]:
    """Make rows of runs: for each part of a split with several, and for the split."""
    rows = []
    for model, corpus, split in dict.fromkeys((r["model"], r["corpus"], r["split"]) for r in runs):
        same = [r for r in runs if (r["model"], r["corpus"], r["split"]) == (model, corpus, split)]
        chosen = []
        if same[0]["parts"] > 1:
            for part in dict.fromkeys(run["part"] for run in same):
                chosen.append((f"unknown:{part}", [run for run in same if run["part"] == part]))
        whole = [
            run
            for run in same
            if sum(other["seed"] == run["seed"] for other in same) == run["parts"]
        ]
        chosen.append((split, whole))
        for name, parts in chosen:
            if parts:
                rows += rows_of_split(group, model, corpus, name, parts, row)
    return rows


def rows_of_split(
    group: str, model: str, corpus: str, split: str, runs: list[dict], row: Callable[..., dict]
) -> list[dict]:
    """Three rows: word error rate, whole strings right, strings of three digits right."""
    seeds = sorted({run["seed"] for run in runs})
    by_seed = [[run for run in runs if run["seed"] == seed] for seed in seeds]

    def collect(kind: str, what: str) -> np.ndarray:
        """(seeds, strings) of all parts."""
        return np.array([np.concatenate([run[kind][what] for run in same]) for same in by_seed])

    edits, words = collect("long", "edits").mean(axis=0), collect("long", "words")[0]
    right = (collect("long", "edits") == 0).mean(axis=0)
    three = (collect("three", "edits") == 0).mean(axis=0)
    about = {
        "corpus": corpus,
        "split": split,
        "seeds": seeds,
        "parameters": runs[0]["parameters"],
        "train_seconds": round(min(run["train_seconds"] for run in runs), 1),
        "train_cpu_seconds": round(np.mean([run["train_cpu_seconds"] for run in runs]), 1),
    }
    rows = []
    ones = np.ones(len(right))
    for metric, share, of in zip(METRICS, (edits, right, three), (words, ones, ones), strict=True):
        low, high = interval(share, of)
        ends = {"low": round(low, 5), "high": round(high, 5)}
        value = round(float(share.sum() / of.sum()), 5)
        rows.append(row(group, "strings", model, metric, value, **ends, **about))
    return rows
