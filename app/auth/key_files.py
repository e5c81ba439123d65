"""Private keys in files that only their owner can read."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

KEY_BITS = 2048
OWNER_ONLY = 0o600


class KeyFileError(Exception):
    """The file is there, but what is in it is no key; the text says what to do."""


def read_or_make(path: Path) -> bytes:
    """The RSA key in a file, as PEM; made if there is no such file.

    Of several processes that come at once, one makes it and all use the same.

    :raises KeyFileError: if the file holds something else
    :raises OSError: if it can be neither read nor made
    """
    if not path.exists():
        _make(path)
    pem = path.read_bytes()
    try:
        key = load_pem_private_key(pem, password=None)
    except ValueError:
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyFileError(f"{path} is not an RSA key in PEM. Remove it, and one will be made.")
    return pem


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        # It appears whole or not at all, and the first one stays.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
