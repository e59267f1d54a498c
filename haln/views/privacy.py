"""One's own data: take all of it away, or have it erased."""

from __future__ import annotations

import io

from flask import Blueprint, flash, render_template, send_file
from flask import session as cookie
from flask_babel import lazy_gettext
from flask_login import logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired

from haln.access import Permission
from haln.errors import Invalid
from haln.people import erasure, own_data
from haln.views import edge, profile_forms, visitors
from haln.views.speech import gettext

blueprint = Blueprint("privacy", __name__)


class EraseForm(FlaskForm):
    """The password once more, before what cannot be undone."""

    password = PasswordField(
        lazy_gettext("Your password"), validators=[InputRequired(lazy_gettext("Enter your password."))]
    )


@edge.page(blueprint, "/your-data", Permission.OWN_ACCOUNT)
def index() -> str:
    """Say what a member can do with their data."""
    return render_template("privacy/index.html")


@edge.page(blueprint, "/your-data/download", Permission.OWN_ACCOUNT)
def download() -> Response:
    """Give a member everything that is kept about them."""
    archive = own_data.archive(edge.session(), edge.actor(), edge.now())
    name = f"your-data-{edge.now():%Y-%m-%d}.zip"
    return send_file(io.BytesIO(archive), "application/zip", as_attachment=True, download_name=name)


@edge.page(blueprint, "/your-data/erase", Permission.OWN_ACCOUNT, "GET", "POST")
def erase() -> str | tuple[str, int] | Response:
    """Erase a member, after their password."""
    form = EraseForm()
    if form.validate_on_submit():
        try:
            erasure.erase_own(edge.session(), edge.actor(), form.password.data or "", edge.now(), visitors.limits())
        except Invalid as error:
            profile_forms.show_faults(form, error, "password")
        else:
            cookie.clear()
            logout_user()
            flash(gettext("You are erased. Nothing here says any more who you were."), "success")
            return edge.back("about.home")
    return render_template("privacy/erase.html", form=form), profile_forms.status(form)
