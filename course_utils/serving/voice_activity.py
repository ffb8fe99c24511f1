"""Is somebody speaking? The level of a frame against a running noise floor (chapter 13)."""

from __future__ import annotations

from course_utils.connected_digits import STREAM_FRONT_END

import numpy as np

__all__ = ["VoiceActivity", "level_of"]

ONSET_DB, RELEASE_DB = 8.0, 4.0  # above the noise floor: here voice begins, here it ends
FLOOR_RISE_DB = 0.02  # in a frame: what stays louder is taken for noise, at 2 dB a second
FLOOR_FALL = 0.2  # in a frame, as a share of the way down
FIRST_FLOOR_DB = -40.0  # the floor's highest value at the start: a stream may begin with a word
QUIETEST_DB = -75.0  # nothing below this is voice, in decibels of full scale


def level_of(mel: np.ndarray) -> np.ndarray:
    """Level of frames of mel energies (frames, bands) in decibels of full scale: (frames,)."""
    full_scale = (
        3 / 16 * STREAM_FRONT_END.frame_length**2
    )  # the window's energy, half of the spectrum (Parseval)
    return 10 * np.log10(mel.sum(axis=-1) / full_scale + 1e-9)


class VoiceActivity:
    """Is somebody speaking? The level against a running noise floor, with hysteresis.

    The floor follows the level down quickly and up slowly, for a word is soon over and
    noise stays. Voice begins `ONSET_DB` above the floor and ends below `RELEASE_DB`.
    """

    def __init__(self):
        self.floor, self.voice = None, False

    def update(self, level: float) -> bool:
        """Tell whether the next frame is voice, from its level in decibels of full scale."""
        if self.floor is None:
            self.floor = min(level, FIRST_FLOOR_DB)
        above = level - self.floor
        self.voice = level > QUIETEST_DB and above > (RELEASE_DB if self.voice else ONSET_DB)
        self.floor += min(above, FLOOR_RISE_DB) if above > 0 else FLOOR_FALL * above
        return self.voice
