"""The outbox's front door: adding messages."""

from __future__ import annotations

from gateway.queue.adding import AddResult, NewMessage, add, add_one

__all__ = ["AddResult", "NewMessage", "add", "add_one"]
