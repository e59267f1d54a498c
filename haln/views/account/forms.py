"""The forms of joining, signing in and one's own account."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, Form, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, StopValidation

from haln.errors import Invalid
from haln.people import addresses, passwords
from haln.views.speech import gettext


def _trimmed(value: str | None) -> str | None:
    return value.strip() if isinstance(value, str) else value


def is_address(form: Form, field: Field) -> None:
    """Refuse what cannot be an e-mail address."""
    try:
        addresses.cleaned(field.data or "")
    except Invalid as error:
        raise StopValidation(gettext(error.sentence)) from error


def show_faults(form: FlaskForm, error: Invalid, otherwise: str) -> None:
    """Put what the domain refused beside the fields, or beside `otherwise` where it names none of them."""
    for name, sentence in (error.fields or {otherwise: error.sentence}).items():
        words = gettext(sentence)
        field = form[name if name in form else otherwise]
        field.errors = [*field.errors, words % error.values if error.values else words]


def _address(label: Any, **more: Any) -> EmailField:
    needed = InputRequired(lazy_gettext("Enter your e-mail address."))
    return EmailField(label, filters=[_trimmed], validators=[needed, is_address], **more)


def _own_password() -> PasswordField:
    return PasswordField(
        lazy_gettext("Your password now"), validators=[InputRequired(lazy_gettext("Enter your password."))]
    )


def _new_password(label: Any) -> PasswordField:
    return PasswordField(
        label,
        description=lazy_gettext("10 characters or more. Three or four words together are easy to remember."),
        validators=[
            InputRequired(lazy_gettext("Enter a password.")),
            Length(max=passwords.LONGEST, message=lazy_gettext("Use 200 characters or fewer.")),
        ],
    )


class SignInForm(FlaskForm):
    """Address and password."""

    email = _address(lazy_gettext("E-mail address"))
    password = PasswordField(lazy_gettext("Password"), validators=[InputRequired(lazy_gettext("Enter your password."))])
    remember = BooleanField(
        lazy_gettext("Stay signed in on this device"), description=lazy_gettext("Not on a device that others use too.")
    )


class AddressForm(FlaskForm):
    """An address, to join with or to send a link to."""

    email = _address(
        lazy_gettext("E-mail address"), description=lazy_gettext("We send a link to it. Your work address is best.")
    )


class WelcomeForm(FlaskForm):
    """What a new member gives when they open their link."""

    name = StringField(
        lazy_gettext("Your name"),
        description=lazy_gettext("As colleagues know you, for example “Ada Okafor”."),
        filters=[_trimmed],
        validators=[
            InputRequired(lazy_gettext("Enter your name.")),
            Length(max=120, message=lazy_gettext("Use 120 characters or fewer.")),
        ],
    )
    password = _new_password(lazy_gettext("Choose a password"))
    news = BooleanField(
        lazy_gettext("Send me the newsletter"),
        description=lazy_gettext("News of the network, now and then. Every one has a link to stop it."),
    )


class ResetForm(FlaskForm):
    """A new password, from a link."""

    password = _new_password(lazy_gettext("New password"))


class PasswordForm(FlaskForm):
    """A new password, from one's account."""

    own_password = _own_password()
    password = _new_password(lazy_gettext("New password"))


class NewAddressForm(FlaskForm):
    """A new address, from one's account."""

    email = _address(lazy_gettext("New e-mail address"))
    own_password = _own_password()


class MailForm(FlaskForm):
    """Which mail a member wants."""

    introductions = BooleanField(
        lazy_gettext("Introductions and learning sets"),
        description=lazy_gettext(
            "When somebody asks to connect, answers you or introduces you to somebody, and when your set meets."
        ),
    )
    events = BooleanField(
        lazy_gettext("Reminders of events"),
        description=lazy_gettext(
            "The day before an event at which you have a place. When it is moved or cancelled you are told in any case."
        ),
    )
    pathways = BooleanField(
        lazy_gettext("Learning pathways"),
        description=lazy_gettext("When a pathway that you have finished gains a module."),
    )
    resources = BooleanField(
        lazy_gettext("Resources"),
        description=lazy_gettext(
            "When somebody names you as an author. What becomes of yours you are told in any case."
        ),
    )
    topics = BooleanField(
        lazy_gettext("Topics that you back or proposed"),
        description=lazy_gettext("When one is answered or retired, and when an event or a cohort comes of it."),
    )
    proposals = BooleanField(
        lazy_gettext("Proposals of events"),
        description=lazy_gettext("When members have proposed events and wait for an answer: once a day at most."),
    )
    news = BooleanField(
        lazy_gettext("The newsletter"),
        description=lazy_gettext("News of the network, now and then. Nobody counts who opens it or follows its links."),
    )


class InvitationForm(FlaskForm):
    """Whom to invite: one address in each line."""

    addresses = TextAreaField(
        lazy_gettext("E-mail addresses"),
        description=lazy_gettext("One in each line, 50 at most."),
        validators=[
            InputRequired(lazy_gettext("Enter at least one e-mail address.")),
            Length(max=20_000, message=lazy_gettext("Enter 50 addresses or fewer.")),
        ],
    )
