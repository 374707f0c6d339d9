"""A configuration file with a given text."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import UsageProblem
from gateway.settings import Settings, load


@pytest.fixture
def read(tmp_path: Path):
    """Load a file with this text."""

    def loaded(text: str | bytes) -> Settings:
        path = tmp_path / "gateway.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(path)

    return loaded


@pytest.fixture
def mistakes(read):
    """The lines that a person gets for a file with this text, without the file's name."""

    def lines(text: str | bytes) -> list[str]:
        with pytest.raises(UsageProblem) as caught:
            read(text)
        found = [line.split("gateway.toml: ", 1) for line in str(caught.value).splitlines()]
        assert all(len(parts) == 2 for parts in found), "each line names the file"
        return [parts[1] for parts in found]

    return lines
