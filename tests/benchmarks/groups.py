"""All that the benchmark measures, by groups, and which of its rows are stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from data.recipes import fingerprint
from tests.benchmarks import (
    adaptation,
    assistant,
    backends,
    calibration,
    cluster,
    compression,
    deployment,
    eight_bits,
    fairness,
    grading,
    hard_phrases,
    harder_words,
    more_voices,
    peers,
    recurrent_layers,
    robustness,
    rude_clients,
    service_load,
    speech_codecs,
    speed,
    spoken_commands,
    streaming,
    word_vectors,
)
from tests.benchmarks.plans import PLANS, Plan
from tests.benchmarks.rows import Row


class Measurement(NamedTuple):
    """What is measured in one go, without a training."""

    group: str
    task: str
    measure: Callable[[], list[dict[str, Any]]]
    setup: Callable[[], Any]  # what its numbers depend on, beside the code

    def __str__(self) -> str:
        return self.group

    def owns(self, entry: Row) -> bool:
        """Whether a row is one of this measurement."""
        return (entry["group"], entry["task"]) == (self.group, self.task)

    def hash(self) -> str:
        """Fingerprint of what it depends on, as it is now."""
        return fingerprint(self.setup())


BUSY = 1.5  # seconds by the clock for a second of work: a training had to wait
Unit = Plan | Measurement  # what is measured again as a whole
MEASUREMENTS = (
    Measurement("speed", "front end", speed.measure, speed.setup),
    Measurement("streaming", "streaming", streaming.measure, streaming.setup),
    Measurement("deployment", "deployment", deployment.measure, deployment.setup),
    Measurement("deployment", "compression", compression.measure, compression.setup),
    Measurement("deployment", "eight bits", eight_bits.measure, eight_bits.setup),
    Measurement("robustness", "robustness", robustness.measure, robustness.setup),
    Measurement(
        "robustness", "real voice", robustness.measure_real_voice, robustness.real_voice_setup
    ),
    Measurement("robustness", "codecs", speech_codecs.measure, speech_codecs.setup),
    Measurement("robustness", "fairness", fairness.measure, fairness.setup),
    Measurement("recurrent", "masks and feeds", recurrent_layers.measure, recurrent_layers.setup),
    Measurement("calibration", "calibration", calibration.measure, calibration.setup),
    Measurement("service", "service", service_load.measure, service_load.setup),
    Measurement("service", "rude clients", rude_clients.measure, rude_clients.setup),
    Measurement("assistant", "commands", assistant.measure_commands, assistant.setup),
    Measurement("assistant", "wake word", assistant.measure_wake, assistant.wake_setup),
    Measurement("assistant", "in one breath", spoken_commands.measure, spoken_commands.setup),
    Measurement(
        "assistant",
        "in one breath, composed strings alone",
        spoken_commands.measure_alone,
        spoken_commands.setup_alone,
    ),
    Measurement("adaptation", "new voice", adaptation.measure_voices, adaptation.setup),
    Measurement("adaptation", "new language", adaptation.measure_languages, adaptation.setup),
    Measurement("adaptation", "blocks", adaptation.measure_blocks, adaptation.setup),
    Measurement("cluster", "cluster", cluster.measure, cluster.setup),
    Measurement("grading", "grading", grading.measure, grading.setup),
    Measurement("peers", "one breath", peers.measure_breath, peers.breath_setup),
    Measurement("peers", "hard phrases", hard_phrases.measure, hard_phrases.setup),
    Measurement("peers", "single digits", peers.measure_digits, peers.digits_setup),
    Measurement("backends", "backends", backends.measure, backends.setup),
    Measurement("words", "words", word_vectors.measure, word_vectors.setup),
    Measurement(
        "words", "transformer", word_vectors.measure_transformer, word_vectors.transformer_setup
    ),
    Measurement("words", "more voices", more_voices.measure, more_voices.setup),
    Measurement("words", "harder training", harder_words.measure, harder_words.setup),
)
UNITS: tuple[Unit, ...] = (*MEASUREMENTS, *PLANS)
GROUPS = tuple(dict.fromkeys(unit.group for unit in UNITS))


def why_stale(unit: Unit, rows: Iterable[Row]) -> str:
    """Say why a unit has to be measured again; nothing if its rows are what it would measure."""
    hashes = {row["recipe_hash"] for row in rows if unit.owns(row)}
    if not hashes:
        return "there is no row yet"
    if None in hashes:
        return "its rows wait for an idle machine: the recipe changed, or they were badly timed"
    if old := sorted(hashes - {unit.hash()}):
        return f"the recipe, its data or front end changed: {', '.join(old)}, now {unit.hash()}"
    return ""


def timed_while_busy(unit: Unit, rows: Iterable[Row]) -> str:
    """Say whether the trainings of a unit waited for other work on the machine."""
    for row in rows:
        wall, cpu = row["train_seconds"], row["train_cpu_seconds"]
        if unit.owns(row) and wall and wall > BUSY * max(cpu, 0.5):
            return f"timed on a busy machine: {wall:.0f} s for {cpu:.0f} s of work"
    return ""


def stale(units: Iterable[Unit], rows: list[Row]) -> dict[Unit, str]:
    """Units that have to be measured again, and why."""
    return {unit: reason for unit in units if (reason := why_stale(unit, rows))}


def badly_timed(units: Iterable[Unit], rows: list[Row]) -> dict[Unit, str]:
    """Units whose trainings have to be timed again, and why; no stale one."""
    fresh = (unit for unit in units if not why_stale(unit, rows))
    return {unit: reason for unit in fresh if (reason := timed_while_busy(unit, rows))}


def unclaimed(rows: Iterable[Row]) -> list[Row]:
    """Rows that nothing here would measure again."""
    return [row for row in rows if not any(unit.owns(row) for unit in UNITS)]
