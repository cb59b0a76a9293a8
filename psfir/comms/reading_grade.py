"""How hard an English text is to read, in school years: the Flesch-Kincaid grade with syllables counted by vowels."""

from __future__ import annotations

import re

_SENTENCES = re.compile(r"[.!?]+(?:\s|$)")
_WORDS = re.compile(r"[A-Za-z']+")
_VOWELS = re.compile(r"[aeiouy]+", re.IGNORECASE)


def grade(text: str) -> float:
    """0 for a text of too few words to say."""
    words = _WORDS.findall(text)
    if len(words) < 30:  # noqa: PLR2004 - a formula for pages says nothing of a line
        return 0.0
    sentences = max(1, len(_SENTENCES.findall(text)))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59


def _syllables(word: str) -> int:
    found = len(_VOWELS.findall(word))
    if word.lower().endswith("e") and not word.lower().endswith("le") and found > 1:
        found -= 1
    return max(1, found)
