"""Puts letters into words with the templates, and gives the post its settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import Flask, current_app

from haln.errors import Misconfigured
from haln.people import markdown
from haln.post.digest_parts.base import Ways
from haln.post.transport import FolderTransport, Server, SmtpTransport, Transport
from haln.post.writing import Desk, Worded
from haln.views import digest_words, newsletter_words, words
from haln.views.reason_words import listed, reason_words
from haln.views.speech import speaking


def set_up(app: Flask) -> None:
    """Let commands and pages find the post's settings in one place."""
    app.extensions["haln_desk"] = desk
    app.extensions["haln_transport"] = transport


def desk() -> Desk:
    """What writing letters needs."""
    config, regions = current_app.config, words.vocabulary().regions
    return Desk(
        public_url=str(config["PUBLIC_URL"]),
        secret=str(config["SECRET_KEY"]),
        sender=str(config["MAIL_FROM"]),
        open_to_all=config["JOIN"] != "invitation",
        render=render,
        ways=Ways(int(config["CONFIRM_DAYS"]), {one.code: one.parent for one in regions if one.parent}),
    )


def render(template: str, language: str, values: Mapping[str, object]) -> Worded:
    """Word a letter. No request is needed, and none is looked at."""
    config = current_app.config
    offered = [code.strip() for code in str(config["LANGUAGES"]).split(",")]
    spoken = language if language in offered else offered[0]
    with speaking(spoken):
        context = {
            "network": words.network(),
            "language": spoken,
            "words": words,
            "reason_words": reason_words,
            "listed": listed,
            "digest_words": digest_words,
            "markdown": markdown.to_html,
            "newsletter_words": newsletter_words,
            **values,
        }
        text = current_app.jinja_env.get_template(f"email/{template}.txt")
        page = current_app.jinja_env.get_template(f"email/{template}.html")
        subject = "".join(text.blocks["subject"](text.new_context(context)))
        return Worded(" ".join(subject.split()), text.render(context).strip() + "\n", page.render(context))


def folder() -> Path:
    """Where messages are written when no mail server is set."""
    return Path(current_app.instance_path) / "mail"


def is_on_paper() -> bool:
    """Whether messages are written to the folder instead of sent (never in production)."""
    return not current_app.config["SMTP_HOST"]


def transport() -> Transport:
    """How messages leave."""
    config = current_app.config
    if is_on_paper():
        return FolderTransport(folder())
    if config["SMTP_SECURITY"] not in {"starttls", "tls", "none"}:
        raise Misconfigured("HALN_SMTP_SECURITY must be starttls, tls or none.")
    server = Server(
        host=str(config["SMTP_HOST"]),
        port=int(config["SMTP_PORT"]),
        username=str(config["SMTP_USERNAME"]),
        password=str(config["SMTP_PASSWORD"]),
        security=str(config["SMTP_SECURITY"]),
    )
    return SmtpTransport(server, str(config["MAIL_FROM"]))
