"""One's own account: address, password, sign-ins, language, mail, leaving."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import logout_user
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid, NotFound
from haln.people import accounts, digest_choices, leaving, sessions
from haln.people.accounts import Account
from haln.views import edge, layout, visitors, words
from haln.views.account.base import blueprint
from haln.views.account.forms import MailForm, NewAddressForm, PasswordForm, show_faults
from haln.views.speech import gettext

Page = tuple[str, int] | Response


@edge.page(blueprint, "/account", Permission.OWN_ACCOUNT)
def settings() -> str:
    """Show everything about one's account."""
    account = accounts.own(edge.session(), edge.actor())
    return render_template(
        "account/settings.html",
        details=account,
        digest=digest_choices.own(edge.session(), edge.actor().member_id),
        browsers=sessions.open_sessions(edge.session(), edge.actor(), edge.now()),
        languages=[(code, layout.LANGUAGE_NAMES.get(code, code)) for code in layout.languages()],
        form=_mail_form(account),
        may_have_keys=edge.actor().may(Permission.SEE_MEASURES),
        words=words,
    )


def _mail_form(account: Account) -> MailForm:
    form = MailForm(
        introductions=account.introduction_mail,
        events=account.event_mail,
        pathways=account.pathway_mail,
        resources=account.resource_mail,
        topics=account.topic_mail,
        proposals=account.proposal_mail,
        news=account.news_since is not None,
    )
    if not edge.actor().is_staff:
        del form.proposals
    return form


@edge.page(blueprint, "/account/password", Permission.OWN_ACCOUNT, "GET", "POST")
def password() -> Page:
    """Change the password; other browsers are signed out."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            accounts.change_password(
                edge.session(),
                edge.actor(),
                form.own_password.data or "",
                form.password.data or "",
                edge.now(),
                visitors.limits(),
            )
        except Invalid as error:
            show_faults(form, error, "password")
        else:
            visitors.renew_browser(edge.actor())
            flash(gettext("Your password is changed. Other devices are signed out."), "success")
            return edge.back("account.settings")
    return render_template("account/password.html", form=form), 422 if form.is_submitted() else 200


@edge.page(blueprint, "/account/address", Permission.OWN_ACCOUNT, "GET", "POST")
def address() -> Page:
    """Ask to change the address; the new one is sent a link."""
    form = NewAddressForm()
    if form.validate_on_submit():
        try:
            accounts.ask_address_change(
                edge.session(),
                edge.actor(),
                form.email.data or "",
                form.own_password.data or "",
                edge.now(),
                visitors.limits(),
            )
        except Invalid as error:
            show_faults(form, error, "email")
        else:
            cookie["mailed_to"] = form.email.data
            return edge.back("account.check_your_mail", what="address")
    account = accounts.own(edge.session(), edge.actor())
    return render_template("account/address.html", form=form, details=account), 422 if form.is_submitted() else 200


@edge.page(blueprint, "/account/confirm", Permission.OWN_ACCOUNT, "GET", "POST")
def confirm_own_address() -> str | Response:
    """Have a link sent to the address one has, which shows that mail arrives there."""
    account, stopped = accounts.own(edge.session(), edge.actor()), edge.actor().mail_stopped
    if request.method == "POST" and stopped:
        accounts.confirm_address(edge.session(), edge.actor(), edge.now(), visitors.limits())
        cookie["mailed_to"] = account.email
        return edge.back("account.check_your_mail", what="address")
    return render_template("account/confirm_own_address.html", details=account, stopped=stopped)


@edge.page(blueprint, "/address/<token>", Permission.PUBLIC, "GET", "POST")
def confirm_address(token: str) -> Response:
    """Open the link in the message to a new address. Only the button changes the address."""
    if request.method == "POST":
        accounts.change_address(edge.session(), token, edge.now())
        flash(gettext("Your address is changed. Use the new one to sign in from now on."), "success")
        signed_in = edge.maybe_actor() is not None
        return visitors.not_kept(redirect(url_for("account.settings" if signed_in else "account.sign_in"), 303))
    email = accounts.look_address_change(edge.session(), token, edge.now())
    return visitors.not_kept(render_template("account/confirm_address.html", email=email))


@edge.page(blueprint, "/account/browsers/<int:session_id>/end", Permission.OWN_ACCOUNT, "POST")
def end_browser(session_id: int) -> Response:
    """Sign one browser out."""
    sessions.end(edge.session(), edge.actor(), session_id, edge.now())
    if session_id == edge.actor().session_id:
        logout_user()
        return edge.back("account.sign_in")
    flash(gettext("That device is signed out."), "success")
    return edge.back("account.settings")


@edge.page(blueprint, "/account/browsers/end-others", Permission.OWN_ACCOUNT, "POST")
def end_other_browsers() -> Response:
    """Sign out everywhere but here."""
    actor = edge.actor()
    sessions.end_all(edge.session(), actor.member_id, edge.now(), keep=actor.session_id)
    flash(gettext("All other devices are signed out."), "success")
    return edge.back("account.settings")


@edge.page(blueprint, "/account/language", Permission.OWN_ACCOUNT, "POST")
def language() -> Response:
    """Choose the language of pages and mail."""
    chosen = request.form.get("language", "")
    if chosen not in layout.languages():
        raise NotFound("This language is not offered.")
    accounts.set_language(edge.session(), edge.actor(), chosen)
    cookie["language"] = chosen
    flash(gettext("Your language is set."), "success")
    return edge.back("account.settings")


@edge.page(blueprint, "/account/mail", Permission.OWN_ACCOUNT, "POST")
def mail() -> Response:
    """Choose which mail to get."""
    form, own = MailForm(), edge.actor().public_id
    proposals = bool(form.proposals.data) if edge.actor().is_staff else None
    wanted = {name: bool(form[name].data) for name in ("introductions", "events", "pathways", "resources", "topics")}
    accounts.set_mail(edge.session(), own, **wanted, proposals=proposals)
    accounts.set_news(edge.session(), own, wanted=bool(form.news.data), now=edge.now())
    flash(gettext("Your choice of mail is saved."), "success")
    return edge.back("account.settings")


@edge.page(blueprint, "/account/leave", Permission.OWN_ACCOUNT, "GET", "POST")
def leave() -> str | Response:
    """Leave the network, after saying what that does."""
    if request.method == "GET":
        return render_template("account/leave.html")
    leaving.leave(edge.session(), edge.actor(), edge.now())
    cookie.clear()
    logout_user()
    flash(gettext("You have left. Nobody sees you here any more."), "success")
    return edge.back("about.home")
