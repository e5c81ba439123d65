"""The address of the client, behind proxies that are known and others that are not."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# Whoever comes through a socket of the file system is on this machine.
LOCAL = IPv4Address("127.0.0.1")
# More than an address has, and a zone with it.
LONGEST_ADDRESS = 100


def client_address(peer: str, *, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> bytes:
    """Whom a request comes from, as `inet_pton` gives it: 4 bytes or 16.

    From the connection backwards, each hop that is a trusted proxy is believed what it says of the
    hop before it. What stands further left may be anybody's invention.

    :param peer: the other end of the connection; empty for a socket of the file system
    :param forwarded_for: the `X-Forwarded-For` headers in order
    """
    address = _address(peer) or LOCAL
    hops = [hop.strip() for header in forwarded_for for hop in header.split(",")]
    while hops and _is_trusted(address, trusted):
        before = _address(_without_port(hops.pop()))
        if before is None:
            break
        address = before
    return address.packed


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)


def _address(text: str) -> Address | None:
    # Headers may hold anything, and what is long is not to be remembered.
    return _parsed(text) if len(text) <= LONGEST_ADDRESS else None


# Behind proxies it is always the same few that connect, and visitors come again and again.
@lru_cache(maxsize=1000)
def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # An IPv4 address in IPv6 dress counts as IPv4; a zone means nothing elsewhere.
        return address.ipv4_mapped or IPv6Address(address.packed)
    return address


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    host, _, port = hop.partition(":")
    return host if "." in host and ":" not in port else hop
