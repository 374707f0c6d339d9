"""[pure] The colours of a report: told apart also by eyes that see no red and green, dark enough on paper."""

from __future__ import annotations

from gateway.report.verdicts import Mood

INK = {Mood.GOOD: "#0B6E4F", Mood.OPEN: "#6B5B00", Mood.NEUTRAL: "#5F6368", Mood.BAD: "#B3261E"}  # of words
FILL = {Mood.GOOD: "#1B9E77", Mood.OPEN: "#B0B7BF", Mood.NEUTRAL: "#D5D9DE", Mood.BAD: "#D95F02"}  # of bars
