"""A certificate of an SMSC, made on the spot."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_certificate(folder: Path, days: int = 2) -> tuple[Path, Path]:
    """Of an SMSC that calls itself smsc.example, signed by itself: certificate and key."""
    key, made = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", str(days), "-subj", "/CN=smsc.example", "-addext", "subjectAltName=DNS:smsc.example",
         "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key
