"""Awkward lists: every one is read or refused in a sentence, within bounded memory and time."""
