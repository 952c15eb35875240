from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from interurban.errors import NodeError
from interurban.locales import LANGUAGES, choose_language
from interurban.store.settings import EVERY_NETWORK, TEXTS, Settings, read_settings, settings_text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "interurban.toml"


def test_every_setting_is_explained():
    assert list(TEXTS) == [field.name for field in dataclasses.fields(Settings)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_is_read_back(file: Path, language: str):
    chosen = Settings('postgresql://a"\\b@host/x', ("10.0.0.0/8", "fd00::/8"), retries=0, max_zip_ratio=9.5)
    choose_language(language)
    try:
        for settings in (Settings(), chosen, Settings(allow_private_addresses=True)):
            file.write_text(settings_text(settings), encoding="utf-8")
            assert read_settings(file) == settings
    finally:
        choose_language(None)


def test_what_is_left_out_has_its_default(file: Path):
    file.write_text("retries = 7\nread_limit_s = 5\n")
    assert read_settings(file) == Settings(retries=7, read_limit_s=5)


@pytest.mark.parametrize(("line", "setting"), [
    ("retry = 3", "retry"), ("retries = 1.5", "retries"), ("retries = -1", "retries"), ("retries = true", "retries"),
    ("read_limit_s = nan", "read_limit_s"), ("read_limit_s = '5'", "read_limit_s"),
    ("database_url = 5", "database_url"),
    ("allow_private_addresses = 'yes'", "allow_private_addresses"),
    ("allow_private_addresses = ['10.0.0.0/99']", "allow_private_addresses"),
    ("allow_private_addresses = [10]", "allow_private_addresses"),
])
def test_a_wrong_setting_is_named(file: Path, line: str, setting: str):
    file.write_text(line)
    with pytest.raises(NodeError) as caught:
        read_settings(file)
    assert caught.value.fields["setting"] == setting


@pytest.mark.parametrize("content", [b"retries = ", b"\xff\xfe", b"retries = 1\nretries = 2"])
def test_what_is_not_toml(file: Path, content: bytes):
    file.write_bytes(content)
    with pytest.raises(NodeError):
        read_settings(file)


def test_allowed_networks():
    assert Settings().allowed_networks() == ()
    assert Settings(allow_private_addresses=True).allowed_networks() == EVERY_NETWORK
    assert Settings(allow_private_addresses=("10.0.0.0/8",)).allowed_networks() == ("10.0.0.0/8",)


def test_a_password_in_the_url_is_not_shown():
    assert "hush" not in repr(Settings("postgresql://me:hush@host/x"))
