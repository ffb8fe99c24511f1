"""Take a recogniser out of the notebook (chapters 12 to 14).

`encryption`, `runtimes`, `export` write and read model files; `step_network`, `voice_activity`,
`streaming` recognise sound that is still coming in; `service` offers that on this machine.
"""

from __future__ import annotations

__all__ = ["DeploymentError"]


class DeploymentError(RuntimeError):
    """A model cannot be written, read or trusted; the message says why and what to do."""
