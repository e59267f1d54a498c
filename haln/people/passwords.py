"""Passwords: what may be one, how they are kept, and how they are compared."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from haln.errors import Invalid

SHORTEST = 10
LONGEST = 200

# OWASP's first choice for Argon2id: 19 MiB and two passes, so that fifty people signing in at once need 1 GB, not 4.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

# Of a password that nobody knows, with the same parameters: comparing with it takes as long as with a real one.
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$VKw6GeC5Mplid1NN3hDABA$oGieVTTXfQLt+a2mNl2SNgl3I1BR2ZeKO+ceuganA8s"

_FIRST_TRIED = """
password12 password123 password1234 password12345 password123456 password01 password2024 password2025
password2026 passw0rd123 p@ssw0rd123 p@ssword123 mypassword mypassword1 newpassword newpassword1 thepassword
changeme123 changeme1234 letmein123 letmein1234 letmeinplease welcome123 welcome1234 welcome2024 welcome2025
welcome2026 qwertyuiop qwertyuiop1 qwerty12345 qwerty123456 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedcr
zaq12wsxcde asdfghjkl1 asdfghjkl123 zxcvbnm123 iloveyou12 iloveyou123 iloveyou1234 football123 liverpool1
liverpool123 arsenal123 chelsea123 manchester manchester1 manunited1 rangers123 celtic1888 sunshine123
princess123 superman123 batman12345 monkey12345 dragon12345 master12345 michael123 charlie123 abcdefghij
abcdefghijk abc1234567 abcd123456 abcdef1234 a123456789 aa12345678 q123456789 administrator administrator1
admin12345 admin123456 computer123 internet123 secret12345 trustno1trustno1 starwars123 pokemon123
minecraft123 whatever123 qwertyqwerty passwordpassword summer2024 summer2025 summer2026 winter2024 winter2025
winter2026 spring2025 spring2026 autumn2025 autumn2026 september2025 september2026 healthanchors
healthanchors1 anchornetwork nhspassword nhspassword1
"""
_COMMON = frozenset(_FIRST_TRIED.split())
_ROWS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def check(password: str, own_words: tuple[str, ...] = ()) -> None:
    """Refuse a password that is too short, too long or the first that anybody would try.

    `own_words` are what is known of its owner (address, name). Raises Invalid with a sentence for `password`.
    """
    sentence = _fault(password, own_words)
    if sentence:
        raise Invalid(sentence, {"password": sentence})


def _fault(password: str, own_words: tuple[str, ...]) -> str:
    if len(password) < SHORTEST:
        return "Use 10 characters or more: three or four words together are easy to remember."
    if len(password) > LONGEST:
        return "Use 200 characters or fewer."
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in password):
        return "Use characters that can be typed."
    plain = "".join(password.casefold().split())
    if plain in _COMMON or len(set(plain)) <= 2 or any(plain in row or plain in row[::-1] for row in _ROWS):
        return "Choose another password: this one is among the first that anybody would try."
    known = {
        word.casefold() for words in own_words for word in (words, words.partition("@")[0], words.replace(" ", ""))
    }
    if plain in known:
        return "Choose another password: this one is your name or your address."
    return ""


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(_bytes(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether the password is the one kept. Takes as long when nothing is kept, and then says no."""
    try:
        _HASHER.verify(kept or _NOBODYS, _bytes(password[: LONGEST + 1]))
    except (Argon2Error, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was kept with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    # One way to write é: keyboards differ in which they send.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
