"""Every route × every role, from the application's own map.

`TABLE` is written by hand: a page that changes its permission, or a new page, must be written here too.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from haln.access import Permission
from haln.db import db
from haln.models import Base, Introduction, Mail, Member
from tests.application import SignIn
from tests.builders import Cast, a_connection, a_member, by_key

TABLE: dict[Permission, frozenset[str]] = {
    Permission.ANSWER_TOPICS: frozenset(
        {
            "topics.answer",
            "topics.make_cohort",
            "topics.make_event",
            "topics.retire",
        }
    ),
    Permission.FORM_SETS: frozenset(
        {
            "cohorts.add_person",
            "cohorts.apply_file",
            "cohorts.bring",
            "cohorts.cancel",
            "cohorts.close",
            "cohorts.edit",
            "cohorts.export",
            "cohorts.facilitators",
            "cohorts.find_applicants",
            "cohorts.import_template",
            "cohorts.index",
            "cohorts.new",
            "cohorts.one",
            "cohorts.open_up",
            "cohorts.pairs",
            "cohorts.people",
            "cohorts.person",
            "cohorts.preview",
            "cohorts.refused",
            "cohorts.rules",
            "cohorts.take_out",
            "cohorts.times",
            "events.bring",
            "events.people",
            "events.preview",
            "plan_panels.compare",
            "plan_panels.facilitator",
            "plan_panels.person",
            "plans.aside",
            "plans.improve",
            "plans.index",
            "plans.lead",
            "plans.lock",
            "plans.move",
            "plans.relax",
            "plans.step",
            "plans.stop",
            "plans.studio",
            "plans.swap",
            "publishing.answers",
            "publishing.apply",
            "publishing.confirm",
            "publishing.publish",
            "publishing.repair",
            "publishing.take_back",
            "sets.index",
            "sets.table",
            "topics.asked_to_cohort",
            "topics.asked_to_event",
        }
    ),
    Permission.HIDE_COMMENTS: frozenset(
        {
            "topics.hide_comment",
            "topics.show_comment",
        }
    ),
    Permission.IMPORT_MEMBERS: frozenset(
        {
            "imports.apply",
            "imports.bring",
            "imports.index",
            "imports.preview",
            "imports.refused",
            "imports.template",
        }
    ),
    Permission.INVITE: frozenset(
        {
            "invitations.index",
        }
    ),
    Permission.MANAGE_MEMBERS: frozenset(
        {
            "invitations.ask_entered",
            "network_corrections.correct",
            "network_corrections.index",
            "network_set_corrections.correct_dates",
            "network_set_corrections.correct_place",
            "network_set_corrections.index",
            "network_set_corrections.one_set",
            "network_tie_corrections.correct",
            "network_tie_corrections.index",
        }
    ),
    Permission.MANAGE_ORGANISATIONS: frozenset(
        {
            "organisations.index",
            "organisations.merge_into",
            "organisations.merging",
            "organisations.one",
        }
    ),
    Permission.MANAGE_PATHWAYS: frozenset(
        {
            "pathway_editing.act_on_module",
            "pathway_editing.act_on_step",
            "pathway_editing.bring",
            "pathway_editing.edit_module",
            "pathway_editing.edit_pathway",
            "pathway_editing.edit_step",
            "pathway_editing.index",
            "pathway_editing.module",
            "pathway_editing.new_module",
            "pathway_editing.new_pathway",
            "pathway_editing.new_step",
            "pathway_editing.pathway",
        }
    ),
    Permission.NETWORK: frozenset(
        {
            "applications.about",
            "applications.apply",
            "applications.find_people",
            "applications.withdraw",
            "coffee.answer",
            "coffee.come_back",
            "coffee.index",
            "coffee.join",
            "coffee.stop",
            "connections.block",
            "connections.blocked",
            "connections.end",
            "connections.index",
            "connections.intensity",
            "connections.path",
            "connections.unblock",
            "directory.index",
            "events.calendar",
            "events.cancel",
            "events.change",
            "events.decide",
            "events.event_file",
            "events.give_up",
            "events.index",
            "events.links",
            "events.new",
            "events.one",
            "events.past",
            "events.register",
            "introductions.accept",
            "introductions.ask",
            "introductions.decline",
            "introductions.index",
            "introductions.withdraw",
            "learning.ask",
            "learning.index",
            "learning.withdraw",
            "meetings.answer",
            "notifications.index",
            "notifications.open_one",
            "notifications.see_all",
            "news.by_mail",
            "news.index",
            "news.issue",
            "outcomes.agree",
            "outcomes.change",
            "outcomes.index",
            "outcomes.of_connection",
            "outcomes.of_event",
            "outcomes.of_set",
            "outcomes.remove",
            "outcomes.withdraw",
            "pathways.found",
            "pathways.index",
            "pathways.letter",
            "pathways.level",
            "pathways.module",
            "pathways.order",
            "pathways.pathway",
            "pathways.step",
            "resources.agree",
            "resources.bookmark",
            "resources.bookmarks",
            "resources.choose",
            "resources.edit",
            "resources.feed",
            "resources.index",
            "resources.mine",
            "resources.name_authors",
            "resources.new",
            "resources.one",
            "resources.pictures",
            "resources.preview",
            "resources.remove",
            "resources.take_back",
            "resources.take_down",
            "resources.use",
            "seats.answer",
            "seats.one",
            "sets.about",
            "sets.add_action",
            "sets.add_member",
            "sets.all_notes",
            "sets.answer",
            "sets.calendar",
            "sets.cancel",
            "sets.change",
            "sets.end",
            "sets.facilitator",
            "sets.leave",
            "sets.move_out",
            "sets.name_facilitator",
            "sets.note",
            "sets.people",
            "sets.plan",
            "sets.reflect",
            "sets.register",
            "sets.remove_note",
            "sets.reopen",
            "sets.report",
            "sets.session_calendar",
            "sets.session_page",
            "sets.summary",
            "sets.workspace",
            "sets.write_note",
            "suggestions.dismiss",
            "suggestions.index",
            "suggestions.mirrored",
            "suggestions.set_aside",
            "suggestions.undo",
            "suggestions.why",
            "topics.back",
            "topics.change",
            "topics.change_comment",
            "topics.comment",
            "topics.index",
            "topics.move",
            "topics.name",
            "topics.new",
            "topics.one",
            "topics.take_back",
            "topics.withdraw",
            "topics.withdraw_comment",
        }
    ),
    Permission.OWN_ACCOUNT: frozenset(
        {
            "account.address",
            "account.confirm_own_address",
            "account.digest",
            "account.end_browser",
            "account.end_other_browsers",
            "account.language",
            "account.leave",
            "account.mail",
            "account.password",
            "account.settings",
            "account.sign_out",
            "onboarding.step",
            "organisations.search",
            "privacy.download",
            "privacy.erase",
            "privacy.index",
            "profile.about",
            "profile.biography",
            "profile.confirm",
            "profile.own",
            "profile.seen_as",
            "profile.still_right",
            "profile.suggesting",
            "profile.themes",
            "profile.visibility",
        }
    ),
    Permission.PUBLIC: frozenset(
        {
            "about.accessibility",
            "about.data",
            "about.health",
            "about.home",
            "about.privacy",
            "account.check_your_mail",
            "account.confirm_address",
            "account.forgotten",
            "account.join",
            "account.reset",
            "account.sign_in",
            "account.welcome",
            "events.feed",
            "layout.theme",
            "members.page",
            "resources.for_everyone",
            "resources.library",
            "resources.picture",
            "resources.private_feed",
            "resources.public_feed",
            "unsubscribe.stop",
        }
    ),
    Permission.WRITE_NEWSLETTERS: frozenset(
        {
            "newsletter_writing.act_on_block",
            "newsletter_writing.edit",
            "newsletter_writing.edit_block",
            "newsletter_writing.new_block",
            "newsletter_writing.preview",
            "newsletters.act",
            "newsletters.index",
            "newsletters.issue",
            "newsletters.new",
            "newsletters.schedule",
            "newsletters.send_test",
        }
    ),
    Permission.SEE_POST: frozenset(
        {
            "delivery.again",
            "delivery.index",
            "delivery.lift",
            "outbox.index",
            "outbox.message",
            "outbox.retry",
        }
    ),
    Permission.RUN_COFFEE: frozenset(
        {
            "coffee_rounds.cancel",
            "coffee_rounds.dry_run",
            "coffee_rounds.edit",
            "coffee_rounds.index",
            "coffee_rounds.make",
            "coffee_rounds.new",
            "coffee_rounds.one",
            "coffee_rounds.schedule",
        }
    ),
    Permission.REVIEW_RESOURCES: frozenset(
        {
            "resources.review",
            "resources.reviews",
            "resources.version",
        }
    ),
    Permission.SEE_MEASURES: frozenset(
        {
            "account.end_key",
            "account.keys",
            "api.came_of_it",
            "api.exact",
            "api.graph",
            "api.published",
            "api.report_as_pdf",
            "network.export",
            "network.figure",
            "network.overview",
            "network_gaps.index",
            "network_gaps.people",
            "network_mixing.regions",
            "network_mixing.sectors",
            "network_activities.activities",
            "network_growth.growth_page",
            "network_files.exact",
            "network_files.graph",
            "network_files.index",
            "network_files.published",
            "network_picture.data",
            "network_picture.picture_page",
            "network_picture.regions",
            "network_outcomes.file",
            "network_outcomes.hide",
            "network_outcomes.index",
            "network_outcomes.show",
            "network_report.file",
            "network_report.index",
        }
    ),
    Permission.WEAVE: frozenset(
        {
            "introductions.weave",
        }
    ),
}

ROLES = ("nobody", "unverified", "member", "facilitator", "staff")
HOLDERS = {
    Permission.PUBLIC: set(ROLES),
    Permission.OWN_ACCOUNT: set(ROLES) - {"nobody"},
    Permission.NETWORK: {"member", "facilitator", "staff"},
    Permission.WEAVE: {"member", "facilitator", "staff"},
    Permission.INVITE: {"facilitator", "staff"},
    Permission.FORM_SETS: {"facilitator", "staff"},
    Permission.ANSWER_TOPICS: {"facilitator", "staff"},
}
"""Which roles hold a permission, written by hand; all others are for staff."""


def rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")


def address(rule: Rule, known: dict[str, str]) -> str:
    """The rule with something real in each place where there is such a thing."""
    path = rule.rule
    for name in rule.arguments:
        converter = type(rule._converters[name]).__name__
        one_of = sorted(getattr(rule._converters[name], "items", ()))
        value = known.get(name, one_of[0] if one_of else "1" if "Integer" in converter else "nothing-here")
        before, _, after = path.partition("<")
        while not after.split(">", 1)[0].endswith(name):  # pragma: no branch
            head, _, rest = after.partition("<")
            before, after = f"{before}<{head}", rest
        path = before + value + after.split(">", 1)[1]
    return path


@pytest.fixture
def people(cast: Cast, session: Session) -> dict[str, int | None]:
    """One person of each role."""
    unverified = a_member(session, "Una Unverified", standing="unverified").id
    session.commit()
    return {"nobody": None, "unverified": unverified, "member": cast.ada, "facilitator": cast.fay, "staff": cast.sol}


@pytest.fixture
def clients(people: dict[str, int | None], client: FlaskClient, signed_in: SignIn) -> dict[str, FlaskClient]:
    return {role: signed_in(person) if person else client for role, person in people.items()}


def refused(status: int, location: str | None) -> bool:
    return status in (401, 403) or (status == 303 and "/sign-in" in (location or ""))


def test_the_table_is_the_map(app: Flask) -> None:
    found: dict[Permission, set[str]] = {}
    for rule in rules(app):
        found.setdefault(app.view_functions[rule.endpoint].permission, set()).add(rule.endpoint)
    assert {permission: frozenset(endpoints) for permission, endpoints in found.items()} == TABLE


def test_every_role_gets_in_where_it_may_and_nowhere_else(
    app: Flask, cast: Cast, session: Session, people: dict[str, int | None], signed_in: SignIn
) -> None:
    ben = session.get_one(Member, cast.ben)
    ben.show_name = 3  # for everyone: the page of who is not asks who is not signed in to sign in, as tests of it hold
    session.commit()
    known = {"public_id": ben.public_id}
    wrong = []
    for rule in rules(app):
        permission = app.view_functions[rule.endpoint].permission
        holders = HOLDERS.get(permission, {"staff"})
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for role, person in people.items():
                if (method, rule.endpoint) == ("POST", "account.leave") and person:
                    continue  # it would take the person out of the cast; its own tests hold who may leave
                browser = signed_in(person) if person else app.test_client()  # fresh: a page may end sign-ins
                sent = by_key(session, person) if rule.endpoint.startswith("api.") and person else {}
                answer = browser.open(address(rule, known), method=method, headers=sent)
                denied = refused(answer.status_code, answer.headers.get("Location"))
                if answer.status_code >= 500 or denied == (role in holders):
                    wrong.append((role, method, rule.rule, answer.status_code))
    assert wrong == []


def test_no_get_writes(app: Flask, cast: Cast, session: Session, clients: dict[str, FlaskClient]) -> None:
    a_connection(session, cast.ada, cast.ben)
    session.commit()
    known = {"public_id": session.get_one(Member, cast.ben).public_id}
    statements: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER")):
            statements.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    for rule in rules(app):
        if "GET" in (rule.methods or set()):
            clients["staff"].get(address(rule, known))
            clients["member"].get(address(rule, known))
    assert statements == []


@pytest.mark.parametrize("role", ["nobody", "member", "staff"])  # between them they get in everywhere
def test_unreadable_input_is_a_clear_4xx_everywhere(app: Flask, clients: dict[str, FlaskClient], role: str) -> None:
    wrong = []
    for rule in rules(app):
        path = address(rule, {})
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for query in ("after=99999999999999999999", "q=%00", "page=-1", "q=%ED%A0%80", "after=%F0%9F%92%A9"):
                answer = clients[role].open(f"{path}?{query}", method=method)
                if answer.status_code >= 500:
                    wrong.append((method, path, query, answer.status_code))
            if method == "POST":
                for form in (b"note=%00", b"name=" + b"x" * 2_000_000, b"q=%ED%A0%80"):
                    kind = "application/x-www-form-urlencoded"
                    answer = clients[role].post(path, data=form, content_type=kind)
                    if answer.status_code >= 500:
                        wrong.append((method, path, str(form)[:30], answer.status_code))
    assert wrong == []


def test_a_number_that_fits_no_database_names_nothing(app: Flask, clients: dict[str, FlaskClient]) -> None:
    wrong = []
    for rule in rules(app):
        numbers = [name for name in rule.arguments if "Integer" in type(rule._converters[name]).__name__]
        if numbers:
            path = address(rule, dict.fromkeys(numbers, "99999999999999999999"))
            answer = clients["staff"].get(path) if "GET" in (rule.methods or set()) else clients["staff"].post(path)
            if answer.status_code not in (404, 405):
                wrong.append((rule.rule, answer.status_code))
    assert wrong == []


def test_every_page_carries_the_policies_and_signed_in_pages_are_not_kept(clients: dict[str, FlaskClient]) -> None:
    answer = clients["member"].get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert clients["member"].get("/people").headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_an_address_with_a_key_in_it_shows_is_not_kept(client: FlaskClient) -> None:
    keys = [rule for rule in client.application.url_map.iter_rules() if "token" in rule.arguments]
    paths = {str(rule.rule).replace("<token>", "not-a-key") for rule in keys if "GET" in (rule.methods or set())}
    assert {"/events/calendar/not-a-key.ics", "/resources/feed/not-a-key"} <= paths
    assert {path: client.get(path).headers.get("Cache-Control") for path in paths} == dict.fromkeys(paths, "no-store")


def test_a_host_that_is_not_ours_is_refused(client: FlaskClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_tables_exist_for_every_model(app: Flask, session: Session) -> None:
    names = set(session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
    assert set(Base.metadata.tables) <= names
    assert session.scalar(select(Mail.id)) is None
    assert session.scalar(select(Introduction.id)) is None
