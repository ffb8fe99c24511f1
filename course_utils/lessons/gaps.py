"""Lines that the reader writes before the solution is unfolded (chapter 01)."""

from collections.abc import Callable

import numpy as np

__all__ = ["check_gap"]

EMPTY = "○ Still empty: fill the gap and run both cells again, or go on and unfold the solution."


def check_gap(attempt: Callable, *arguments, expected, tolerance: float = 1e-6) -> None:
    """Print whether a function that the reader completed gives what it should; stop nothing.

    attempt : what the reader wrote; empty when it returns None or raises NotImplementedError
    arguments : what to call it with
    expected : the right result, a number or an array
    tolerance : largest difference that counts as right, relative and absolute
    """
    try:
        result = attempt(*arguments)
    except NotImplementedError:
        result = None
    except Exception as error:  # whatever the reader wrote: the cells below must still run
        print(f"❌ {attempt.__name__} raises {type(error).__name__}: {error}")
        return
    if result is None:
        print(EMPTY)
        return
    try:
        found, wanted = np.asarray(result, dtype=float), np.asarray(expected, dtype=float)
    except (TypeError, ValueError):
        print(f"❌ {attempt.__name__} returns {result!r}; expected numbers")
        return
    if found.shape != wanted.shape:
        print(f"❌ {attempt.__name__} returns the shape {found.shape}; expected {wanted.shape}")
    elif not np.allclose(found, wanted, rtol=tolerance, atol=tolerance):
        place = np.unravel_index(np.argmax(np.abs(found - wanted)), wanted.shape)
        where = f" at {tuple(map(int, place))}" if wanted.ndim else ""
        values = f"{found[place]:.4g}; expected {wanted[place]:.4g}"
        print(f"❌ {attempt.__name__} is wrong{where}: {values}")
    else:
        print(f"✅ {attempt.__name__} is right")
