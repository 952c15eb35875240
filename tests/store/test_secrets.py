from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from interurban.errors import NodeError
from interurban.store.secrets import KEY_VARIABLE, Secrets


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    (tmp_path / "locks").mkdir()
    return Secrets(tmp_path / "secret.key")


def test_the_key_is_made_once_for_its_owner_only(secrets: Secrets, tmp_path: Path):
    encrypted = secrets.encrypt("пароль")
    assert "пароль".encode() not in encrypted
    key = tmp_path / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    assert secrets.encrypt("пароль") != encrypted  # nobody sees that two secrets are equal
    assert key.read_bytes() == before
    assert secrets.decrypt(encrypted) == "пароль"


def test_the_variable_comes_before_the_file(secrets: Secrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    encrypted = secrets.encrypt("hush")
    assert not (tmp_path / "secret.key").exists()
    assert secrets.decrypt(encrypted) == "hush"
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    with pytest.raises(NodeError):
        secrets.decrypt(encrypted)


def test_a_bad_key_is_refused_and_not_shown(secrets: Secrets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY_VARIABLE, "my password")
    with pytest.raises(NodeError) as caught:
        secrets.encrypt("hush")
    assert "my password" not in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_lost_key_is_not_made_anew_to_decrypt(secrets: Secrets, tmp_path: Path):
    encrypted = secrets.encrypt("hush")
    (tmp_path / "secret.key").unlink()
    with pytest.raises(NodeError):
        secrets.decrypt(encrypted)
    assert not (tmp_path / "secret.key").exists()


def test_a_key_that_others_can_read_is_refused(secrets: Secrets, tmp_path: Path):
    encrypted = secrets.encrypt("hush")
    (tmp_path / "secret.key").chmod(0o644)
    with pytest.raises(NodeError) as caught:
        secrets.decrypt(encrypted)
    assert caught.value.fields["allowed"] == "0600"
