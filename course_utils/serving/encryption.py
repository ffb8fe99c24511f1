"""Encrypt a model file, and notice the smallest change to it (chapter 12)."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from course_utils.files import written_whole
from course_utils.serving import DeploymentError

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["KEY_VARIABLE", "decrypt", "encrypt", "new_key"]

KEY_VARIABLE = "COURSE_MODEL_KEY"
HEADER = b"course-model-1"  # what an encrypted file begins with


def new_key() -> str:
    """Return a random key of 256 bits as text, for the environment variable COURSE_MODEL_KEY."""
    return base64.urlsafe_b64encode(AESGCM.generate_key(256)).decode()


def cipher() -> AESGCM:
    """Return the cipher with the key of the environment variable; DeploymentError without one."""
    try:
        return AESGCM(base64.urlsafe_b64decode(os.environ[KEY_VARIABLE]))
    except (KeyError, ValueError) as error:
        state = "is not set" if isinstance(error, KeyError) else "holds no key of 256 bits"
        raise DeploymentError(
            f"The environment variable {KEY_VARIABLE} {state}: set it to what "
            "encryption.new_key() returned when the file was encrypted."
        ) from error


def encrypt(path: str | os.PathLike) -> Path:
    """Encrypt and authenticate a file with AES-256 in Galois/Counter Mode (NIST SP 800-38D).

    Writes `path` with ``.encrypted`` after it and returns that; the file's name is sealed too.
    """
    path = Path(path)
    nonce = os.urandom(12)  # never the same one twice with one key
    encrypted = path.with_name(f"{path.name}.encrypted")
    sealed = cipher().encrypt(nonce, path.read_bytes(), HEADER + path.name.encode())
    with written_whole(encrypted) as unfinished:
        unfinished.write_bytes(HEADER + nonce + sealed)
    return encrypted


def decrypt(path: str | os.PathLike) -> bytes:
    """Return the content of a file that `encrypt` wrote; DeploymentError if one bit differs."""
    path = Path(path)
    data, start = path.read_bytes(), len(HEADER)
    try:
        if not data.startswith(HEADER) or len(data) < start + 12:
            raise InvalidTag
        nonce, sealed = data[start : start + 12], data[start + 12 :]
        return cipher().decrypt(nonce, sealed, HEADER + path.stem.encode())
    except InvalidTag as error:
        raise DeploymentError(
            f"{path.name} was not opened: it was changed, cut or renamed, or encrypted with "
            "another key. Nothing of it was loaded. Get it again from where it came."
        ) from error
