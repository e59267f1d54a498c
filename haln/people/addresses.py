"""E-mail addresses as they are kept: checked, in one spelling."""

from __future__ import annotations

import ipaddress

from email_validator import EmailNotValidError, validate_email

from haln.errors import Invalid

LONGEST = 254


def cleaned(address: str) -> str:
    """The address as it is kept. Raises Invalid for what cannot be one."""
    sentence = "Enter an e-mail address like name@example.org."
    if len(address) > LONGEST:  # before anything is computed from it
        raise Invalid(sentence, {"email": sentence})
    try:
        # No question to the name servers: a page must not wait for them, and the message itself is the proof.
        found = validate_email(address.strip(), check_deliverability=False, allow_smtputf8=False)
    except (EmailNotValidError, UnicodeError) as error:
        raise Invalid(sentence, {"email": sentence}) from error
    return (found.ascii_email or found.normalized).casefold()


def folded(address: str) -> str:
    """The address to look for: as `cleaned`, and whatever cannot be an address stays what it is, and finds nobody."""
    try:
        return cleaned(address[: LONGEST + 1])
    except Invalid:
        return address.strip().casefold()[:LONGEST]


def network_of(host: str | None) -> str:
    """The network address that tries are counted for: IPv4, or the 64 bits of IPv6 that one household has."""
    try:
        found = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
