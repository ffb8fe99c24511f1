"""Encrypted files: the standard cipher, the same model, and what is refused."""

import base64

from course_utils.serving import DeploymentError, runtimes
from course_utils.serving.encryption import HEADER, KEY_VARIABLE, decrypt, encrypt, new_key
from course_utils.serving.export import export_model

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tiny import CLIPS, tiny


@pytest.mark.slow
def test_an_encrypted_file_says_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    model = tiny()
    for path in (tmp_path / "m.tflite", tmp_path / "m.onnx"):
        export_model(model, path, CLIPS)
        encrypted = encrypt(path)
        assert encrypted.name == f"{path.name}.encrypted"
        plain, first = path.read_bytes(), encrypted.read_bytes()
        assert plain[:200] not in first and decrypt(encrypted) == plain
        assert runtimes.verify(encrypted, runtimes.outputs(model, CLIPS), CLIPS).same == 1
        assert encrypt(path).read_bytes() != first, "never the same bytes twice"
        assert decrypt(encrypted) == plain


def test_what_was_tampered_with_is_refused_before_it_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    monkeypatch.setattr(runtimes, "litert_runtime", lambda *a: pytest.fail("it was loaded"))
    (tmp_path / "m.tflite").write_bytes(b"weights of a small model" * 3)
    path = encrypt(tmp_path / "m.tflite")
    sound = path.read_bytes()
    changed = [sound[:i] + bytes([sound[i] ^ 1]) + sound[i + 1 :] for i in range(len(sound))]
    cut = [sound[:n] for n in range(len(sound))] + [sound + b"x", sound[1:]]
    for damaged in changed + cut:
        path.write_bytes(damaged)
        with pytest.raises(DeploymentError, match="was not opened"):
            runtimes.load(path)
    path.write_bytes(sound)
    other = path.rename(tmp_path / "other.tflite.encrypted")
    with pytest.raises(DeploymentError, match="renamed"):
        runtimes.load(other)
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    with pytest.raises(DeploymentError, match="another key"):
        runtimes.load(other.rename(path))


@pytest.mark.parametrize("key", [None, "", "secret", "c2hvcnQ=", "ä"])
def test_a_key_that_is_none_is_refused(key, tmp_path, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    if key is not None:
        monkeypatch.setenv(KEY_VARIABLE, key)
    (tmp_path / "m.tflite").write_bytes(b"weights")
    with pytest.raises(DeploymentError, match="COURSE_MODEL_KEY (is not set|holds no key)"):
        encrypt(tmp_path / "m.tflite")


def test_the_cipher_is_the_standard_one(tmp_path, monkeypatch):
    key = bytes(range(32))
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(key).decode())
    (tmp_path / "m.onnx").write_bytes(b"weights")
    data = encrypt(tmp_path / "m.onnx").read_bytes()
    n = len(HEADER)
    sealed_with = HEADER + b"m.onnx"
    assert AESGCM(key).decrypt(data[n : n + 12], data[n + 12 :], sealed_with) == b"weights"
