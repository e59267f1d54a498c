"""Signing in and out."""

from __future__ import annotations

from flask import redirect, render_template, request
from flask import session as cookie
from flask_login import logout_user
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.people import sessions, signing_in
from haln.views import edge, visitors
from haln.views.account.base import blueprint
from haln.views.account.forms import SignInForm
from haln.views.speech import gettext


@edge.page(blueprint, "/sign-in", Permission.PUBLIC, "GET", "POST")
def sign_in() -> str | tuple[str, int] | Response:
    """Sign in."""
    form = SignInForm()
    target = request.values.get("next", "")
    target = target if visitors.is_own_path(target) else ""
    if not form.validate_on_submit():
        return render_template("account/sign_in.html", form=form, target=target), 422 if form.is_submitted() else 200
    address, password = form.email.data or "", form.password.data or ""
    member_id = signing_in.sign_in(edge.session(), address, password, visitors.network(), edge.now(), visitors.limits())
    if member_id is None:
        form.password.errors = [gettext("This address and password do not fit together. Check both and try again.")]
        return render_template("account/sign_in.html", form=form, target=target), 422
    actor = visitors.sign_browser_in(member_id, bool(form.remember.data))
    return redirect(target if target and actor.onboarded else visitors.start_page(actor), 303)


@edge.page(blueprint, "/sign-out", Permission.OWN_ACCOUNT, "POST")
def sign_out() -> Response:
    """Sign out: the session row ends, not only the cookie."""
    sessions.end(edge.session(), edge.actor(), edge.actor().session_id, edge.now())
    cookie.clear()
    logout_user()  # last: it notes in the cookie that the browser is to forget the one that stays
    return edge.back("about.home")
