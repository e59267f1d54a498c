"""Who may do what."""

from __future__ import annotations

import pytest

from haln.access import AUDIENCES, UNVERIFIED, Actor, Audience, Permission, require
from haln.errors import NotPermitted, SignInNeeded


def actor(audience: Audience, verified: bool = True) -> Actor:
    return Actor(1, "abc", "Ada Okafor", audience, verified, 1)


def test_staff_hold_every_permission() -> None:
    assert AUDIENCES[Audience.STAFF] == frozenset(Permission)


def test_each_audience_holds_what_the_one_before_holds() -> None:
    assert AUDIENCES[Audience.MEMBER] < AUDIENCES[Audience.FACILITATOR] < AUDIENCES[Audience.STAFF]


@pytest.mark.parametrize("audience", list(Audience))
def test_an_unverified_address_opens_the_own_account_and_nothing_else(audience: Audience) -> None:
    someone = actor(audience, verified=False)
    assert {permission for permission in Permission if someone.may(permission)} == UNVERIFIED


def test_nobody_is_asked_to_sign_in() -> None:
    with pytest.raises(SignInNeeded):
        require(None, Permission.NETWORK)


def test_public_pages_are_for_nobody_too() -> None:
    require(None, Permission.PUBLIC)


def test_a_member_is_refused_what_is_for_staff() -> None:
    with pytest.raises(NotPermitted):
        require(actor(Audience.MEMBER), Permission.IMPORT_MEMBERS)
