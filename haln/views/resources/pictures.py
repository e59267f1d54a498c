"""Pictures of a resource: its authors put them in and take them out; readers of the words see them."""

from __future__ import annotations

from flask import Response as Answer
from flask import flash, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, TooMany
from haln.learn.resources import contents, drafts, picture_files
from haln.learn.resources import pictures as domain
from haln.views import edge, resource_words
from haln.views.resources import base
from haln.views.resources.base import blueprint
from haln.views.sets.base import Faults, faults
from haln.views.speech import gettext

Page = str | Response | tuple[str, int]


@blueprint.url_value_preprocessor
def _read_large_files(endpoint: str | None, _values: dict[str, object] | None) -> None:
    if endpoint == "resources.pictures":
        request.max_content_length = edge.LARGEST_REQUEST


@edge.page(blueprint, "/resources/<public_id>/pictures", Permission.NETWORK, "GET", "POST")
def pictures(public_id: str) -> Page:
    """Show a draft's pictures; put one in, or take one out."""
    session, actor, wrong = edge.session(), edge.actor(), Faults()
    if request.method == "POST":
        try:
            _change(public_id)
        except (Invalid, Conflict, TooMany) as error:
            session.rollback()
            wrong = faults(error, ("file", "alternative", "place"))
        else:
            return edge.back("resources.pictures", public_id=public_id)
    row, found = domain.own(session, actor, public_id)
    places = {
        domain.LEAD: gettext("Before the text, and small in lists"),
        **{
            name: gettext("At the end of “%(part)s”", part=resource_words.parts()[name])
            for name in contents.PARTS[row.kind]
        },
    }
    page = render_template(
        "resources/pictures.html",
        public_id=public_id,
        title=row.draft["title"] or gettext("Without a title"),
        held=row.state == drafts.REVIEW,
        found=[(one, resource_words.lead(one.shown, small=True), places.get(one.place, "")) for one in found],
        places=list(places.items()),
        place=request.form.get("place", domain.LEAD),
        alternative=request.form.get("alternative", ""),
        full=len(found) >= domain.MOST,
        faults=wrong,
    )
    return page, wrong.status


def _change(public_id: str) -> None:
    session, actor, now = edge.session(), edge.actor(), edge.now()
    if request.form.get("do") == "remove":
        domain.remove(session, actor, public_id, request.form.get("key", "")[:16], now)
        flash(gettext("The picture is taken out of the draft."), "success")
        return
    sent = request.files.get("file")
    # One byte more than is taken tells that there are too many.
    content = sent.read(picture_files.LARGEST_FILE + 1) if sent is not None else b""
    alternative, place = request.form.get("alternative", ""), request.form.get("place", "")
    domain.may_add(session, actor, public_id, content, alternative, place, now)
    session.commit()  # the try counts, and nobody waits while the file is read
    made = picture_files.prepared(content)
    domain.add(session, actor, public_id, made, alternative, place, now)
    flash(gettext("The picture is in the draft."), "success")


@edge.page(blueprint, "/resources/pictures/<key>", Permission.PUBLIC)
def picture(key: str) -> Response:
    """Show a picture to whoever may read the words that it stands in."""
    actor = edge.maybe_actor()
    member = actor is not None and actor.may(Permission.NETWORK)
    small = request.args.get("size") == "small"
    content = domain.served(
        edge.session(),
        actor.member_id if actor is not None and member else None,
        key[:16],
        small=small,
        reviews=actor is not None and actor.may(Permission.REVIEW_RESOURCES),
        public=base.is_public(),
    )
    answer = Answer(content, mimetype=picture_files.TYPE)
    answer.headers["Content-Disposition"] = "inline"
    answer.set_etag(f"{key}-{'small' if small else 'large'}")
    # A key names one picture for good. Whoever is signed in asks each time whether they still may see it.
    answer.cache_control.private, answer.cache_control.no_cache = True, True
    if actor is None:
        # What is taken back is gone for whoever asks next: a cache for many keeps the picture, and asks each time, too.
        answer.cache_control.private, answer.cache_control.public = None, True
    answer.headers["Vary"] = "Cookie"
    return answer.make_conditional(request)
