"""Which e-mail addresses a user pool takes, and can send codes to."""

import re

# Cognito's own attribute is longer; the parts are limited by RFC 5321.
LONGEST_LOCAL_PART = 64
LONGEST_DOMAIN = 255
LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def fault_of(email: str) -> str:
    """What is wrong with an address, in a few words; empty if nothing is.

    Cognito wants the usual form, and its codes go through Amazon SES, which knows neither letters
    beyond ASCII nor quoted names. Some Japanese mobile carriers gave out names with dots in a row
    or at the end, which are refused as well.
    """
    local, at, domain = email.rpartition("@")
    if not at or not local or not domain:
        return "it has no @ with something on both sides"
    if any(character.isspace() or not character.isprintable() for character in email):
        return "it has blanks or control characters"
    if not email.isascii():
        return "it has characters beyond ASCII"
    if "@" in local:
        return "it has more than one @"
    return _fault_of_local_part(local) or _fault_of_domain(domain)


def _fault_of_local_part(local: str) -> str:
    if len(local) > LONGEST_LOCAL_PART:
        return f"more than {LONGEST_LOCAL_PART} characters stand before the @"
    if not LOCAL_PART.fullmatch(local):
        return "it has characters that are not allowed before the @"
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "it has a dot at an end of the name, or two in a row"
    return ""


def _fault_of_domain(domain: str) -> str:
    labels = domain.split(".")
    if len(labels) < 2 or len(domain) > LONGEST_DOMAIN:
        return "its domain is not complete"
    if not all(LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return "its domain is not one"
    return ""
