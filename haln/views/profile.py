"""A member's own profile: look at it, change it section by section, see it as others do."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid, NotFound
from haln.people import completeness, member_page, places, profiles
from haln.people.markdown import to_html
from haln.people.visibility import Visibility
from haln.views import edge, members, profile_forms, words
from haln.views.layout import Link
from haln.views.profile_forms import AboutForm, BiographyForm, SuggestingForm, ThemesForm, VisibilityForm
from haln.views.speech import gettext

blueprint = Blueprint("profile", __name__)

EYES = {"everyone": Visibility.EVERYONE, "members": Visibility.MEMBERS, "connections": Visibility.CONNECTIONS}

Page = str | tuple[str, int] | Response


@edge.page(blueprint, "/profile", Permission.OWN_ACCOUNT)
def own() -> str:
    """Show a member their own profile, with what is still missing."""
    profile = profiles.own(edge.session(), edge.actor().member_id)
    return render_template(
        "profile/own.html",
        profile=profile,
        person=members.person(profile),
        biography=to_html(profile.biography),
        offers=words.themes(profile.themes, "offer"),
        seeks=words.themes(profile.themes, "seek"),
        interests=members.only_interests(profile.themes),
        hints=completeness.missing(profile)[:2],
        suggesting=SuggestingForm.values(profile, edge.now().date())["suggesting"],
        visibility=profile_forms.visibility_rows(profile),
        confirm_due=_is_due(profile.confirmed_at),
        words=words,
    )


def _is_due(confirmed_at: datetime | None) -> bool:
    before = profiles.due_before(int(current_app.config["CONFIRM_DAYS"]), edge.now())
    return confirmed_at is None or confirmed_at < before


@edge.page(blueprint, "/profile/still-right", Permission.OWN_ACCOUNT)
def still_right() -> str:
    """Show a member what suggestions rest on, with one button that says it is still right."""
    profile = profiles.own(edge.session(), edge.actor().member_id)
    return render_template(
        "profile/still_right.html",
        profile=profile,
        offers=words.themes(profile.themes, "offer"),
        seeks=words.themes(profile.themes, "seek"),
        interests=members.only_interests(profile.themes),
        due=_is_due(profile.confirmed_at),
        words=words,
    )


@edge.page(blueprint, "/profile/about", Permission.OWN_ACCOUNT, "GET", "POST")
def about() -> Page:
    """Change who you are at work."""
    profile = profiles.own(edge.session(), edge.actor().member_id)
    form = AboutForm(obj=profile)
    if form.is_submitted() and profile_forms.save_about(form):
        return _saved()
    return render_template(
        "profile/about.html", form=form, profile=profile, places=places.names(edge.session())
    ), profile_forms.status(form)


@edge.page(blueprint, "/profile/biography", Permission.OWN_ACCOUNT, "GET", "POST")
def biography() -> Page:
    """Change what you say about yourself."""
    form = BiographyForm(obj=profiles.own(edge.session(), edge.actor().member_id))
    if form.is_submitted():
        try:
            profiles.change_biography(edge.session(), edge.actor(), form.biography.data or "", edge.now())
            return _saved()
        except Invalid as error:
            profile_forms.show_faults(form, error, "biography")
    return render_template("profile/biography.html", form=form), profile_forms.status(form)


@edge.page(blueprint, "/profile/themes", Permission.OWN_ACCOUNT, "GET", "POST")
def themes() -> Page:
    """Change your themes, what you can help with and what you would like help with."""
    form = ThemesForm()
    if form.is_submitted():
        profile_forms.save_themes()
        return _saved()
    profile = profiles.own(edge.session(), edge.actor().member_id)
    return render_template(
        "profile/themes.html",
        form=form,
        rows=profile_forms.theme_rows(profile.themes),
        levels=profile_forms.maturity_levels(),
    )


@edge.page(blueprint, "/profile/visibility", Permission.OWN_ACCOUNT, "GET", "POST")
def visibility() -> Page:
    """Change who may see what."""
    form = VisibilityForm()
    if form.is_submitted():
        profile_forms.save_visibility(listed=request.form.get("listed") == "yes")
        return _saved()
    profile = profiles.own(edge.session(), edge.actor().member_id)
    return render_template(
        "profile/visibility.html", form=form, rows=profile_forms.visibility_rows(profile), listed=profile.listed
    )


@edge.page(blueprint, "/profile/suggesting", Permission.OWN_ACCOUNT, "GET", "POST")
def suggesting() -> Page:
    """Pause being suggested, or opt out of it."""
    profile = profiles.own(edge.session(), edge.actor().member_id)
    form = SuggestingForm(data=SuggestingForm.values(profile, edge.now().date()))
    if form.validate_on_submit():
        try:
            profile_forms.save_suggesting(form)
            return _saved()
        except Invalid as error:
            profile_forms.show_faults(form, error, "suggesting")
    return render_template("profile/suggesting.html", form=form), profile_forms.status(form)


@edge.page(blueprint, "/profile/confirm", Permission.OWN_ACCOUNT, "POST")
def confirm() -> Response:
    """Say that the profile is still right."""
    profiles.confirm(edge.session(), edge.actor(), edge.now())
    flash(gettext("Thank you. We have noted that your profile is still right."), "success")
    return edge.back("profile.own")


@edge.page(blueprint, "/profile/as/<who>", Permission.OWN_ACCOUNT)
def seen_as(who: str) -> str:
    """Show your page as everyone, members or your connections see it."""
    if who not in EYES:
        raise NotFound("There is no such page.")
    seen = member_page.seen_as(edge.session(), edge.actor().member_id, EYES[who])
    return render_template(
        "profile/seen_as.html", who=who, page=members.shown(seen) if seen else None, kinds=_kinds(who)
    )


def _kinds(who: str) -> list[Link]:
    labels = {
        "everyone": gettext("People not signed in"),
        "members": gettext("Members"),
        "connections": gettext("Your connections"),
    }
    return [Link(url_for("profile.seen_as", who=key), label, current=key == who) for key, label in labels.items()]


def _saved() -> Response:
    flash(gettext("Your profile is saved."), "success")
    return edge.back("profile.own")
