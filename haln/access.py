"""Who may do what, said once.

Every page declares one `Permission`; `AUDIENCES` says which audience holds it. Object rules (own or others') live with
the domain functions, which receive the `Actor`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from haln.errors import NotPermitted, SignInNeeded


class Audience(StrEnum):
    """The three audiences, as kept with each member."""

    MEMBER = "member"
    FACILITATOR = "facilitator"
    STAFF = "staff"


class Permission(StrEnum):
    """What a page or action needs."""

    PUBLIC = "public"  # anyone, signed in or not
    OWN_ACCOUNT = "own_account"  # signed in, even before the address is verified
    NETWORK = "network"  # verified members: suggestions, directory, introductions, connections
    WEAVE = "weave"  # introduce two other people to each other
    INVITE = "invite"  # invite people to join
    FORM_SETS = "form_sets"  # cohorts, plans and sets: the own ones, and for staff all
    MANAGE_PATHWAYS = "manage_pathways"  # write learning pathways, and see how far people come in them
    MANAGE_ORGANISATIONS = "manage_organisations"
    IMPORT_MEMBERS = "import_members"
    MANAGE_MEMBERS = "manage_members"
    ANSWER_TOPICS = "answer_topics"  # answer topics, retire them, make events and cohorts of them
    HIDE_COMMENTS = "hide_comments"  # hide what somebody said to a topic, with a reason
    REVIEW_RESOURCES = "review_resources"  # publish what members write, ask for changes, decline
    SEE_POST = "see_post"  # the outbox, what comes back, addresses that get no mail
    WRITE_NEWSLETTERS = "write_newsletters"  # write issues of the newsletter, and send them
    SEE_MEASURES = "see_measures"  # figures of the whole network, and files of them
    RUN_COFFEE = "run_coffee"  # coffee rounds: open one, make the pairs, see how they went
    SEE_HISTORY = "see_history"  # the audit record


_MEMBER = frozenset({Permission.PUBLIC, Permission.OWN_ACCOUNT, Permission.NETWORK, Permission.WEAVE})
_FACILITATOR = _MEMBER | {Permission.INVITE, Permission.FORM_SETS, Permission.ANSWER_TOPICS}
_STAFF = frozenset(Permission)

AUDIENCES: dict[Audience, frozenset[Permission]] = {
    Audience.MEMBER: _MEMBER,
    Audience.FACILITATOR: _FACILITATOR,
    Audience.STAFF: _STAFF,
}

UNVERIFIED = frozenset({Permission.PUBLIC, Permission.OWN_ACCOUNT})


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person on whose behalf something is done."""

    member_id: int
    public_id: str
    name: str
    audience: Audience
    verified: bool
    session_id: int
    language: str = "en"
    onboarded: bool = True
    sector: str | None = None
    noticed: bool = False  # something they have not read may wait among their notifications
    mail_stopped: str = ""  # why no mail goes to their address: bounced, complained

    @property
    def is_staff(self) -> bool:
        """Whether they are staff, who run what others lead as well."""
        return self.audience is Audience.STAFF

    def may(self, permission: Permission) -> bool:
        """Whether this actor holds the permission."""
        if not self.verified:
            return permission in UNVERIFIED
        return permission in AUDIENCES[self.audience]


def require(actor: Actor | None, permission: Permission) -> None:
    """Refuse unless the actor holds the permission.

    Raises SignInNeeded when nobody is signed in, NotPermitted otherwise.
    """
    if permission is Permission.PUBLIC:
        return
    if actor is None:
        raise SignInNeeded("Sign in to see this page.")
    if not actor.may(permission):
        if not actor.verified:
            raise NotPermitted("Confirm your e-mail address first: open the message we sent you.")
        raise NotPermitted("This page is for others in the network.")
