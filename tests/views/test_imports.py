"""The pages that bring members in from a file."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from flask.testing import FlaskClient

from tests.builders import Cast

SignedIn = Callable[[int], FlaskClient]


def preview_of(client: FlaskClient, content: bytes) -> str:
    """Send a file and return the address of its preview."""
    sent = client.post("/staff/import/file", data={"file": (BytesIO(content), "members.csv"), "agreed": "yes"})
    return sent.headers["Location"]


def test_a_file_applied_twice_by_a_double_click_is_no_missing_page(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.sol)
    address = preview_of(client, b"name,email\nDora Double,dora@example.org\n")
    assert client.post(address).status_code == 303
    again = client.post(address, follow_redirects=True)
    assert again.status_code == 200
    assert "That file was applied already" in again.text


def test_a_preview_writes_nothing(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.sol)
    address = preview_of(client, b"name,email\nDora Double,dora@example.org\n")
    assert '1</span> <span class="stat-label">New members' in client.get(address).text
    assert '1</span> <span class="stat-label">New members' in client.get(address).text


def test_a_preview_tells_the_day_on_which_new_members_joined(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.sol)
    rows = b"name,email,joined\nDora Double,dora@example.org,31/03/2025\nEd Even,ed@example.org,\n"
    page = client.get(preview_of(client, rows)).text
    assert "31 March 2025" in page and ">Joined<" in page and 'data-label="Joined">–</td>' in page


def test_all_of_a_file_is_told_in_the_readers_language(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.sol)
    client.post("/account/language", data={"language": "cy"})
    assert "gellir hepgor y lleill: email, name" in client.get("/staff/import").text
    address = preview_of(
        client,
        b"name,email,role,organisation,place,joined,biography\n"
        b"Dora Double,dora,juggler,Leeds Council of Nowhere At All,Atlantis,31/31/2025,=1+1\n",
    )
    told = [
        "Nid yw “dora” yn gyfeiriad e-bost.",
        "Nid yw “juggler” yn un o rolau’r rhwydwaith hwn.",
        "Nid yw “Atlantis” yn lle sy’n hysbys yma.",
        "Nid yw “31/31/2025” yn ddyddiad: ysgrifennwch 2026-03-31 neu 31/03/2026.",
        "Mae’r gell “biography” yn dechrau fel fformiwla (=1+1): gludwch ei gwerth yn lle hynny.",
    ]
    for page in (client.get(address).text, client.get(f"{address}/refused.csv").data.decode("utf-8-sig")):
        assert all(one in page for one in told) and "of this network" not in page


def test_members_are_not_let_near_a_file(cast: Cast, signed_in: SignedIn) -> None:
    address = preview_of(signed_in(cast.sol), b"name,email\nDora Double,dora@example.org\n")
    assert signed_in(cast.ada).post(address).status_code == 403
    assert signed_in(cast.fay).get(address).status_code == 403
