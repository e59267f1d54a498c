"""Errors in the language of the domain.

Each carries one sentence for the person who sees it, with values kept apart so that the sentence can be translated.
`haln.views.errors` translates the kinds to HTTP in one table; commands print the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping


class HalnError(Exception):
    """Something the domain refuses, said in one plain sentence.

    `sentence` may hold `%(name)s` places, which `values` fill: `NotFound("No member %(name)s.", name="Ada")`.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """The sentence in English, places filled."""
        return self.sentence % self.values if self.values else self.sentence


class NotFound(HalnError):
    """There is no such thing, or the actor may not know that there is."""


class NotPermitted(HalnError):
    """The actor is known and may not do this."""


class SignInNeeded(HalnError):
    """Nobody is signed in, and this needs somebody."""


class Conflict(HalnError):
    """The thing has moved on since the actor saw it: answered, lapsed, taken, already done."""


class Overtaken(HalnError):
    """The database gave way to somebody who acted at the same moment: nothing of this was kept, and it may go through
    when it is tried again. No Conflict: nothing need have changed, and whoever catches that looks at things again,
    for which the transaction is too far gone."""


class Gone(HalnError):
    """A link or token that was good once: used, replaced or too old."""


class TooMany(HalnError):
    """A limit is reached. `retry_after` is in seconds, 0 where waiting does not help."""

    def __init__(self, sentence: str, retry_after: int = 0, **values: object) -> None:
        self.retry_after = retry_after
        super().__init__(sentence, **values)


class Busy(HalnError):
    """The database is taken up by other work for longer than a person should wait."""


class TooLarge(HalnError):
    """What was sent is larger than is accepted."""


class Invalid(HalnError):
    """What was sent cannot be taken as it is. `fields` maps a field's name to its own sentence."""

    def __init__(self, sentence: str, fields: Mapping[str, str] | None = None, **values: object) -> None:
        self.fields: dict[str, str] = dict(fields or {})
        super().__init__(sentence, **values)


class Misconfigured(HalnError):
    """A setting, vocabulary or saved file is missing or wrong: the operator must act."""
