"""The recognisers without a network, as chapter 04 defines them.

There is one truth, the notebook: the functions that it derives are taken from it, by name, with
whatever these use, and nothing else of it is run. What stands here is what the benchmark asks
for and the chapter does not: training apart from recognising, to time both, and how many
numbers a recogniser keeps. A test compares each answer with the chapter's own `predict_…`.
"""

from __future__ import annotations

import ast
import json
import logging
import symtable
from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from course_utils import corpora
from course_utils.corpora import Corpus
from course_utils.features import COURSE_FRONT_END
from course_utils.paths import ROOT
from data.recipes import fingerprint, recordings

import numpy as np

# hmmlearn logs every training that stops at our limit of rounds; that limit is wanted
logging.getLogger("hmmlearn").setLevel(logging.ERROR)

CHAPTER = "04_baselines"
GIVEN = {"sample_rate": corpora.SAMPLE_RATE}  # what the chapter reads off its corpus


# ---------------------------------------------------------------- the chapter's definitions


@cache
def statements() -> dict[str, ast.stmt]:
    """What chapter 04 defines, by name."""
    return read_statements(CHAPTER)


def read_statements(chapter: str) -> dict[str, ast.stmt]:
    """Each name that a chapter defines at top level, and the statement that does, the first."""
    notebook = json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    found: dict[str, ast.stmt] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for statement in ast.parse("".join(cell["source"])).body:
                for name in names_defined(statement):
                    found.setdefault(name, statement)
    return found


def names_defined(statement: ast.stmt) -> list[str]:
    """Names that an import, a function, a class or an assignment defines."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        names = [node for target in statement.targets for node in ast.walk(target)]
        return [n.id for n in names if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return []


def names_used(statement: ast.stmt) -> set[str]:
    """Global names that a statement uses, also inside its functions."""

    def look(table: symtable.SymbolTable) -> Iterator[str]:
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
                yield symbol.get_name()
        for inner in table.get_children():
            yield from look(inner)

    return set(look(symtable.symtable(ast.unparse(statement), CHAPTER, "exec")))


def needed(*names: str, found: dict[str, ast.stmt] | None = None) -> list[ast.stmt]:
    """Statements that define the names, and all that these use, in their order.

    `found` is what `read_statements` returned, of chapter 04 unless another is given.
    """
    found = statements() if found is None else found
    waiting, chosen = list(names), set()
    while waiting:
        name = waiting.pop()
        if name in found and name not in chosen | set(GIVEN):
            chosen.add(name)
            waiting += names_used(found[name])
    order = dict.fromkeys(found.values())
    return [statement for statement in order if chosen & set(names_defined(statement))]


@cache
def taken(chapter: str, names: tuple[str, ...]) -> list[ast.stmt]:
    """Statements of another chapter that define the names, and all that these use."""
    return needed(*names, found=read_statements(chapter))


@cache
def functions(chapter: str, names: tuple[str, ...]) -> SimpleNamespace:
    """Return functions of another chapter, to be measured as the reader sees them."""
    namespace: dict[str, Any] = {"__name__": chapter}
    wanted = ast.Module(taken(chapter, names), [])
    exec(compile(wanted, chapter, "exec", dont_inherit=True), namespace)
    return SimpleNamespace(**namespace)


def code(chapter: str, names: tuple[str, ...]) -> list[str]:
    """What decides what these functions do, for a fingerprint: no words, no imports."""
    return [
        ast.unparse(without_docstring(statement))
        for statement in taken(chapter, names)
        if not isinstance(statement, ast.Import | ast.ImportFrom)
    ]


@cache
def chapter() -> SimpleNamespace:
    """The functions of chapter 04 that recognise, and all that they use."""
    namespace = dict(GIVEN)
    wanted = ast.Module(needed("METHODS", "describe"), [])
    exec(compile(wanted, CHAPTER, "exec", dont_inherit=True), namespace)
    return SimpleNamespace(**namespace)


@cache
def method_hash(recipe: str, corpus: str) -> str:
    """Fingerprint of a method as the chapter defines it, without docstrings and comments."""
    methods = statements()["METHODS"].value
    functions = dict(zip([key.value for key in methods.keys], methods.values, strict=True))
    code = []
    for statement in needed(functions[method_of(recipe)].id):
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            code.append(ast.unparse(without_docstring(statement)))
    return fingerprint(code, COURSE_FRONT_END, recordings([corpus]))


def without_docstring(statement: ast.stmt) -> ast.stmt:
    """Leave out the docstring of a function or class."""
    body = getattr(statement, "body", [])
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        statement = ast.parse(ast.unparse(statement)).body[0]
        del statement.body[0]
    return statement


# ---------------------------------------------------------------- train, then recognise


class Recogniser(NamedTuple):
    """A trained recogniser: corpus to labels (clips,), and how many numbers it keeps."""

    predict: Callable[[Corpus], np.ndarray]
    parameters: int


def method_of(recipe: str) -> str:
    """Name the method of a recipe, ``"04_baselines, SVM"``."""
    return recipe.removeprefix(f"{CHAPTER}, ")


def fit(recipe: str, train: Corpus) -> Recogniser:
    """Train a method of the chapter."""
    return METHODS[method_of(recipe)](train)


def fit_neighbour(train: Corpus) -> Recogniser:
    """Keep the pooled features of every clip."""
    here, clips = chapter(), chapter().describe(train)
    pooled = here.pool(clips)
    model = here.make_pipeline(here.StandardScaler(), here.KNeighborsClassifier(n_neighbors=1))
    model.fit(pooled, clips.labels)
    return Recogniser(lambda test: model.predict(here.pool(here.describe(test))), pooled.size)


def fit_svm(train: Corpus) -> Recogniser:
    """Keep the support vectors, and a weight of each for each other digit."""
    here, clips = chapter(), chapter().describe(train)
    model = here.make_pipeline(here.StandardScaler(), here.SVC(C=10))
    machine = model.fit(here.pool(clips), clips.labels)[-1]
    parameters = machine.support_vectors_.size + machine.dual_coef_.size + machine.intercept_.size
    return Recogniser(lambda test: model.predict(here.pool(here.describe(test))), parameters)


def fit_dtw(train: Corpus) -> Recogniser:
    """Keep the templates: the chapter's recogniser is given these alone."""
    here, clips = chapter(), chapter().describe(train)
    chosen = here.templates_of(clips)
    templates = here.Clips([clips.mfccs[i] for i in chosen], clips.labels[chosen])
    parameters = sum(here.for_dtw(mfcc)[::2].size for mfcc in templates.mfccs)
    return Recogniser(lambda test: here.predict_dtw(templates, here.describe(test)), parameters)


def fit_hmm(train: Corpus) -> Recogniser:
    """Keep a hidden Markov model of each digit."""
    here, clips = chapter(), chapter().describe(train)
    rng, models = np.random.default_rng(0), []
    for digit in range(10):
        chosen = rng.permutation(np.flatnonzero(clips.labels == digit))[:40]
        models.append(here.train_hmm([here.for_hmm(clips.mfccs[i]) for i in chosen]))

    def predict(test: Corpus) -> np.ndarray:
        frames = [here.for_hmm(mfcc) for mfcc in here.describe(test).mfccs]
        return np.argmax([here.log_likelihood(model, frames) for model in models], axis=0)

    used = models[0]  # of the transitions, only staying and going on are used
    each = used.weights_.size + used.means_.size + used.covars_.size + 2 * here.STATES - 1
    return Recogniser(predict, 10 * each)


def fit_convolutions(train: Corpus) -> Recogniser:
    """Keep the thresholds and the weights; the kernels can be drawn again."""
    here, rng = chapter(), np.random.default_rng(0)

    def prepare(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
        return here.pad([mfcc - mfcc.mean(axis=0) for mfcc in here.describe(corpus).mfccs])

    padded, lengths = prepare(train)
    filters = []  # one (kernels, dilation, thresholds) for each dilation
    for dilation in here.DILATIONS:
        kernels = here.draw_kernels(rng)
        some = rng.choice(len(lengths), 100)
        sample = here.respond(padded[some], kernels, dilation)
        inside = np.arange(sample.shape[1]) < lengths[some, None]
        thresholds = np.quantile(sample[inside], here.QUANTILES, axis=0).astype(np.float32)
        filters.append((kernels, dilation, thresholds))

    def shares(padded: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        columns = [here.share_above(here.respond(padded, k, d), lengths, t) for k, d, t in filters]
        return np.concatenate(columns, axis=1)

    model = here.ridge().fit(shares(padded, lengths), train.labels)
    weights = model[-1].coef_.size + model[-1].intercept_.size
    thresholds = sum(threshold.size for _, _, threshold in filters)
    return Recogniser(lambda test: model.predict(shares(*prepare(test))), weights + thresholds)


METHODS: dict[str, Callable[[Corpus], Recogniser]] = {
    "nearest neighbour": fit_neighbour,
    "SVM": fit_svm,
    "DTW templates": fit_dtw,
    "GMM-HMM": fit_hmm,
    "random convolutions": fit_convolutions,
}
