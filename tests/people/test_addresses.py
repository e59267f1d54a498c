"""E-mail addresses in one spelling."""

from __future__ import annotations

import pytest

from haln.errors import Invalid
from haln.people import addresses


@pytest.mark.parametrize("given", ["ada@example.org", " Ada@EXAMPLE.org ", "ADA@Example.Org"])
def test_one_address_has_one_spelling(given: str) -> None:
    assert addresses.cleaned(given) == "ada@example.org" == addresses.folded(given)


@pytest.mark.parametrize("given", ["", "ada", "ada@", "@example.org", "a b@example.org", "ada@example", "ada@localhost",
                                   "ada@example.org\r\nBcc: x@y.org", "\x00@example.org", "\ud800@example.org",
                                   "x" * 300 + "@example.org", "ada@[192.0.2.1]", "Ada <ada@example.org>"])  # fmt: skip
def test_what_cannot_be_an_address_is_refused_and_found_nowhere(given: str) -> None:
    with pytest.raises(Invalid):
        addresses.cleaned(given)
    assert len(addresses.folded(given)) <= addresses.LONGEST


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_a_household_counts_as_one_network(host: str | None, network: str) -> None:
    assert addresses.network_of(host) == network
