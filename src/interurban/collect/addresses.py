"""Which network addresses may be asked for data: public ones, and the private ones that the node's owner allows."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from interurban.collect.faults import failed, refused

# IANA special-purpose address registries (IPv4: RFC 6890 and later; IPv6: RFC 4291 and later). Written out because
# `is_global` of the standard library differs between the Python versions we support.
_SPECIAL_IPV4 = tuple(ip_network(text) for text in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
))  # fmt: skip
_PUBLIC_IPV6 = ip_network("2000::/3")
_SPECIAL_IPV6 = tuple(ip_network(text) for text in (
    "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
))  # fmt: skip
_NAT64 = ip_network("64:ff9b::/96")


def resolve_host(host: str, port: int) -> list[str]:
    """Addresses of a host, in the order in which the system would try them, as text.

    Raises:
        FetchError: name_not_resolved; `is_transient` when asking again may help.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        is_transient = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        raise failed("name_not_resolved", is_transient=is_transient, host=host) from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def effective_address(text: str) -> IPv4Address | IPv6Address:
    """The address that packets to `text` end up at: the IPv4 one inside an IPv4-mapped or NAT64 address."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(text: str) -> bool:
    """Whether an address belongs to the public internet: not private, loopback, link-local, multicast or reserved."""
    address = effective_address(text)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    return address in _PUBLIC_IPV6 and not any(address in network for network in _SPECIAL_IPV6)


def check_addresses(host: str, addresses: Sequence[str], allowed_networks: Sequence[str]) -> None:
    """Refuse a host if any of its addresses is neither public nor in an allowed network.

    One bad address is enough: which one a connection would take is for the name's owner to steer.

    Raises:
        Refused: address_refused.
    """
    networks = [ip_network(network) for network in allowed_networks]
    for text in addresses:
        address = effective_address(text)
        if not is_public(text) and not any(address in network for network in networks):
            raise refused("address_refused", host=host, address=text)
