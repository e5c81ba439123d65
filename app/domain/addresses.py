"""Internet addresses, and the owner's list of those that may not write (FACTS 11)."""

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

# Whatever cannot be part of an address, a range or a pattern separates them.
SEPARATORS = re.compile(r"[^0-9A-Fa-f.:*-]+")
Range = tuple[bytes, bytes]


def packed(text: str) -> bytes:
    """An address as q2a stores it: 4 bytes, or 16; an IPv4 address in IPv6 dress counts as IPv4.

    :raises ValueError: if the text is not an address
    """
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.packed
    return address.packed


def is_blocked(address: bytes, *, rules: str) -> bool:
    """Whether `address` is in the list `rules`, the text of the option `block_ips_write`.

    The list has single addresses, ranges `a-b`, and patterns with `*` for a whole part.
    """
    if not rules:
        return False
    return any(len(low) == len(address) and low <= address <= high for low, high in _ranges(rules))


@lru_cache(maxsize=8)
def _ranges(rules: str) -> tuple[Range, ...]:
    ranges = (_range(rule) for rule in SEPARATORS.split(rules) if rule)
    return tuple(found for found in ranges if found)


def _range(rule: str) -> Range | None:
    low, _, high = rule.partition("-")
    try:
        return _bound(low, "0", "0"), _bound(high or low, "255", "ffff")
    except ValueError:
        return None


def _bound(text: str, v4: str, v6: str) -> bytes:
    return packed(text.replace("*", v6 if ":" in text else v4))
