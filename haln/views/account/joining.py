"""Joining: ask for a link, open it, choose a name and a password."""

from __future__ import annotations

from flask import current_app, redirect, render_template, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.people import accounts, joining
from haln.views import edge, layout, visitors
from haln.views.account.base import blueprint
from haln.views.account.forms import AddressForm, ResetForm, WelcomeForm, show_faults
from haln.views.speech import gettext

_ASKED = "mailed_to"


@edge.page(blueprint, "/join", Permission.PUBLIC, "GET", "POST")
def join() -> tuple[str, int] | Response:
    """Ask for a link to join with."""
    form = AddressForm()
    if form.validate_on_submit():
        joining.ask_to_join(
            edge.session(),
            form.email.data or "",
            visitors.network(),
            layout.chosen_language(),
            edge.now(),
            visitors.limits(),
        )
        return _mailed("join", form.email.data or "")
    by_invitation = current_app.config["JOIN"] == "invitation"
    page = render_template("account/join.html", form=form, by_invitation=by_invitation)
    return page, 422 if form.is_submitted() else 200


@edge.page(blueprint, "/join/<token>", Permission.PUBLIC, "GET", "POST")
def welcome(token: str) -> Response:
    """Open the link: say who you are and choose a password. Only the button makes the account."""
    email, name = joining.look(edge.session(), token, edge.now())
    form = WelcomeForm(name=name)
    if form.validate_on_submit():
        try:
            member_id = joining.join(
                edge.session(),
                token,
                form.name.data or "",
                form.password.data or "",
                layout.chosen_language(),
                edge.now(),
                news=bool(form.news.data),
            )
        except Invalid as error:
            show_faults(form, error, "name")
        else:
            actor = visitors.sign_browser_in(member_id, remember=False)
            return visitors.not_kept(redirect(visitors.start_page(actor), 303))
    page = render_template("account/welcome.html", form=form, email=email)
    return visitors.not_kept(page, 422 if form.is_submitted() else 200)


@edge.page(blueprint, "/forgotten", Permission.PUBLIC, "GET", "POST")
def forgotten() -> tuple[str, int] | Response:
    """Ask for a link to choose a new password."""
    form = AddressForm()
    if form.validate_on_submit():
        accounts.ask_reset(
            edge.session(),
            form.email.data or "",
            visitors.network(),
            layout.chosen_language(),
            edge.now(),
            visitors.limits(),
        )
        return _mailed("reset", form.email.data or "")
    return render_template("account/forgotten.html", form=form), 422 if form.is_submitted() else 200


@edge.page(blueprint, "/reset/<token>", Permission.PUBLIC, "GET", "POST")
def reset(token: str) -> Response:
    """Open the link: choose a new password. Only the button changes it."""
    email = accounts.look_reset(edge.session(), token, edge.now())
    form = ResetForm()
    if form.validate_on_submit():
        try:
            member_id = accounts.reset_password(edge.session(), token, form.password.data or "", edge.now())
        except Invalid as error:
            show_faults(form, error, "password")
        else:
            actor = visitors.sign_browser_in(member_id, remember=False)
            return visitors.not_kept(redirect(visitors.start_page(actor), 303))
    page = render_template("account/reset.html", form=form, email=email)
    return visitors.not_kept(page, 422 if form.is_submitted() else 200)


def _mailed(what: str, address: str) -> Response:
    cookie[_ASKED] = address
    return redirect(url_for("account.check_your_mail", what=what), 303)


@edge.page(blueprint, "/check-your-mail/<any(join, reset, address):what>", Permission.PUBLIC)
def check_your_mail(what: str) -> str:
    """Say that a message is on its way, in the same words whatever it will say."""
    again = {"join": "account.join", "reset": "account.forgotten", "address": "account.address"}[what]
    return render_template(
        "account/check_your_mail.html",
        what=what,
        address=cookie.get(_ASKED) or gettext("the address you gave"),
        again_url=url_for(again),
        folder=_mail_folder(),
    )


def _mail_folder() -> str:
    """Where messages land on a machine that sends none; "" where they are sent."""
    config = current_app.config
    if config["ENVIRONMENT"] != "development" or config["SMTP_HOST"]:
        return ""
    return f"{current_app.instance_path}/mail"
