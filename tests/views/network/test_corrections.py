"""The page on which staff correct when somebody was a member."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people import versions
from tests.application import SignIn
from tests.builders import NOW, Cast

PATH = "/network/corrections"


def prepared(session: Session, cast: Cast) -> str:
    member = session.get_one(Member, cast.ada)
    member.joined_at = NOW - timedelta(days=40)
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    return member.email or ""


def sent(address: str, **values: str) -> dict[str, str]:
    days = [(NOW - timedelta(days=number)).date().isoformat() for number in (30, 20)]
    return {"address": address, "member": "no", "from_on": days[0], "until_on": days[1], "reason": "So.", **values}


def test_a_correction_is_made_and_seen(signed_in: SignIn, cast: Cast, session: Session) -> None:
    address = prepared(session, cast)
    staff = signed_in(cast.sol)
    page = staff.get(PATH, query_string={"address": address}).get_data(as_text=True)
    assert "What was believed before</summary>" not in page
    answer = staff.post(PATH, data=sent(address), follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "Not a member" in page
    assert staff.post(PATH, data=sent(address)).status_code == 409
    figure = staff.get(f"/network/figures/members?as_of={(NOW - timedelta(days=25)).date()}").get_data(as_text=True)
    assert "How this is worked out" in figure


def test_only_staff_correct(signed_in: SignIn, cast: Cast, session: Session) -> None:
    address = prepared(session, cast)
    for member in (cast.ada, cast.fay):
        assert signed_in(member).get(PATH).status_code == 403
        assert signed_in(member).post(PATH, data=sent(address)).status_code == 403


@pytest.mark.parametrize(
    ("values", "told", "status"),
    [
        ({"from_on": ""}, "Give the first day.", 422),
        ({"from_on": "31/03/2026"}, "Give a day as in 2026-03-31.", 422),
        ({"member": "perhaps"}, "Choose one of the list.", 422),
        ({"reason": ""}, "Say how you know.", 422),
        ({"until_on": ""}, "Give the day until which it was so.", 409),
        ({"address": "nobody@example.org"}, "Nobody here has the address", 404),
    ],
)
def test_what_cannot_be_is_said_beside_what_was_sent(
    signed_in: SignIn, cast: Cast, session: Session, values: dict[str, str], told: str, status: int
) -> None:
    answer = signed_in(cast.sol).post(PATH, data=sent(prepared(session, cast)) | values)
    page = answer.get_data(as_text=True)
    assert answer.status_code == status and told in page
    if "address" not in values:
        assert ">So.</textarea>" in page or "reason" in values
