"""Which parts a digest has, in their order. Another part is one module and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from haln.post.digest_parts import events, introductions, resources, still_right, suggestions, topics
from haln.post.digest_parts.base import Part

PARTS: Mapping[str, Part] = {
    part.name: part
    for part in (
        Part("introductions", "/introductions", introductions.read),
        Part("suggestions", "/suggestions", suggestions.read),
        Part("events", "/events", events.read),
        Part("resources", "/resources", resources.read),
        Part("topics", "/topics", topics.read),
        Part("still_right", "/profile/still-right", still_right.read),
    )
}
