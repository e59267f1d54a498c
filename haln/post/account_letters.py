"""Letters about an account: to join, to sign in again, and that something of it has changed."""

from __future__ import annotations

from collections.abc import Mapping

from haln.people import invitations
from haln.people.links import Purpose
from haln.post.writing import Draft, Order, Write, Writer


def _verify(writer: Writer, order: Order) -> Draft | None:
    """To an address that asked to join."""
    person = writer.by_address(order.address)
    if person is not None and person.standing == "active":
        return Draft(
            "already_member", order.address, {"url": writer.url("/sign-in"), "reset_url": writer.url("/forgotten")}
        )
    if not writer.desk.open_to_all and not invitations.is_invited(writer.session, order.address):
        return None
    return writer.secret_link("verify", Purpose.JOIN, "/join/{}", order.address, None)


def _invitation(writer: Writer, order: Order) -> Draft | None:
    person = writer.by_address(order.address)
    if person is not None and person.standing == "active":
        return None
    inviter = writer.by_id(order.values.get("inviter_id"))
    name = inviter.name if inviter is not None and inviter.standing == "active" else ""
    return writer.secret_link("invitation", Purpose.JOIN, "/join/{}", order.address, None, inviter_name=name)


def _reset(writer: Writer, order: Order) -> Draft | None:
    person = writer.by_address(order.address)
    if person is None:
        return None
    if person.standing == "active":
        return writer.secret_link("reset", Purpose.RESET, "/reset/{}", order.address, person.id)
    if person.standing == "erased":
        return None
    return writer.secret_link("verify", Purpose.JOIN, "/join/{}", order.address, None)


def _confirm_address(writer: Writer, order: Order) -> Draft | None:
    person, owner = writer.reader(order), writer.by_address(order.address)
    if person is None:
        return None
    if owner is not None and owner.id != person.id:
        return Draft("address_in_use", order.address, {"url": writer.url("/sign-in")})
    return writer.secret_link("confirm_address", Purpose.CHANGE, "/address/{}", order.address, person.id)


def _password_changed(writer: Writer, order: Order) -> Draft | None:
    person = writer.by_id(order.member_id)
    if person is None or person.standing == "erased":
        return None
    return Draft("password_changed", order.address, {"url": writer.url("/forgotten")})


def _address_changed(writer: Writer, order: Order) -> Draft | None:
    person = writer.by_id(order.member_id)
    if person is None or person.standing == "erased":
        return None
    return Draft("address_changed", order.address, {"new_address": order.values["new_address"]})


WRITERS: Mapping[str, Write] = {
    "verify": _verify,
    "invitation": _invitation,
    "reset": _reset,
    "confirm_address": _confirm_address,
    "password_changed": _password_changed,
    "address_changed": _address_changed,
}
