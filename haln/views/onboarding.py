"""The first steps of a new member: about you, your themes, who may see what. Each can be skipped, and gone back to."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import NotFound
from haln.people import digest_choices, places, profiles
from haln.post.digest_parts.registry import PARTS
from haln.views import digest_words, edge, profile_forms, visitors
from haln.views.profile_forms import AboutForm, ThemesForm, VisibilityForm
from haln.views.speech import gettext

blueprint = Blueprint("onboarding", __name__)

LAST = 3

Page = str | tuple[str, int] | Response


@edge.page(blueprint, "/welcome", Permission.OWN_ACCOUNT)
@edge.page(blueprint, "/welcome/<int:number>", Permission.OWN_ACCOUNT, "GET", "POST")
def step(number: int | None = None) -> Page:
    """Show a step, or the one that comes next; take what was entered and go on."""
    profile = profiles.own(edge.session(), edge.actor().member_id)
    if number is None:
        return redirect(url_for("onboarding.step", number=min(profile.onboarding_step, LAST)), 303)
    if not 1 <= number <= LAST:
        raise NotFound("There is no such page.")
    form = (AboutForm(obj=profile), ThemesForm(), VisibilityForm())[number - 1]
    if form.is_submitted() and ("skip" in request.form or _saved(form)):
        return _onwards(number)
    return render_template(
        f"onboarding/step_{number}.html",
        number=number,
        form=form,
        profile=profile,
        labels=[gettext("About you"), gettext("Your themes"), gettext("Who may see what")],
        back_url=url_for("onboarding.step", number=number - 1) if number > 1 else "",
        places=places.names(edge.session()) if number == 1 else [],
        themes=profile_forms.theme_rows(profile.themes),
        levels=profile_forms.maturity_levels(),
        visibility=profile_forms.visibility_rows(profile),
        frequencies=digest_words.frequencies(),
        frequency=_chosen(profile.member_id) if number == LAST else "",
    ), profile_forms.status(form)


def _saved(form: AboutForm | ThemesForm | VisibilityForm) -> bool:
    if isinstance(form, AboutForm):
        return profile_forms.save_about(form)
    if isinstance(form, ThemesForm):
        profile_forms.save_themes()
    else:
        profile_forms.save_visibility(listed=True)
        _save_digest()
    return True


def _chosen(member_id: int) -> str:
    choice = digest_choices.own(edge.session(), member_id)
    return choice.frequency if choice.asked else ""


def _save_digest() -> None:
    """Keep how often they want the digest, where they said so: nobody gets one by leaving the question alone."""
    frequency = request.form.get("digest", "")
    if frequency in digest_choices.FREQUENCIES:
        parts = tuple(PARTS)
        digest_choices.choose(edge.session(), edge.actor().member_id, frequency, parts, parts, edge.now())


def _onwards(number: int) -> Response:
    """Go to the next step; behind the last, to where a member begins."""
    profiles.reach_step(edge.session(), edge.actor(), number + 1, edge.now())
    if number < LAST:
        return edge.back("onboarding.step", number=number + 1)
    flash(gettext("Welcome. You can change all of this in your profile."), "success")
    return redirect(visitors.start_page(replace(edge.actor(), onboarded=True)), 303)
