"""Which addresses are public, by example of each registry entry, at its edges."""

from __future__ import annotations

import pytest

from interurban.collect.addresses import check_addresses, effective_address, is_public, resolve_host
from interurban.errors import FetchError, Refused


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1",
    ],
)  # fmt: skip
def test_public(address: str) -> None:
    assert is_public(address)
    check_addresses("feeds.example", [address], ())


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
        "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "4000::1",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(Refused) as caught:
        check_addresses("feeds.example", ["1.1.1.1", address], ())
    assert caught.value.fields == {"code": "address_refused", "host": "feeds.example", "address": address}


def test_allowed_networks_are_allowed_and_no_others() -> None:
    allowed = ("10.8.0.0/16", "fd00::/8")
    check_addresses("depot", ["10.8.1.1", "fd00::5", "::ffff:10.8.1.1", "64:ff9b::10.8.1.1", "1.1.1.1"], allowed)
    for address in ("10.9.0.1", "fc00::1", "127.0.0.1"):
        with pytest.raises(Refused):
            check_addresses("depot", [address], allowed)


def test_the_address_inside() -> None:
    assert str(effective_address("::ffff:10.0.0.1")) == "10.0.0.1"
    assert str(effective_address("64:ff9b::a00:1")) == "10.0.0.1"
    assert str(effective_address("2606:4700::1111")) == "2606:4700::1111"


def test_names_are_resolved_by_the_system() -> None:
    assert set(resolve_host("localhost", 80)) <= {"127.0.0.1", "::1"}
    assert resolve_host("2130706433", 80) == ["127.0.0.1"]
    for name in ("no-such-host.invalid", "a" * 70 + ".example", "a..b"):
        with pytest.raises(FetchError) as caught:
            resolve_host(name, 80)
        assert caught.value.fields["code"] == "name_not_resolved"
