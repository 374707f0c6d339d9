"""The daemon's process: what is set before its threads begin."""

from __future__ import annotations

import subprocess
import sys

# Each thread asks the C library for memory by itself, while the others hold theirs; then its arenas are counted.
THREADS_WITH_MEMORY = """
import ctypes, os, sys, tempfile, threading
from gateway.daemon import starting
if sys.argv[1] == "set up":
    starting.set_up_process()
library = ctypes.CDLL(None)
library.malloc.restype = library.fopen.restype = ctypes.c_void_p
ready = threading.Barrier(13)
def hold():
    library.malloc(ctypes.c_size_t(5000))
    ready.wait()
for _thread in range(12):
    threading.Thread(target=hold).start()
ready.wait()
with tempfile.NamedTemporaryFile() as file:
    stream = ctypes.c_void_p(library.fopen(file.name.encode(), b"w"))
    library.malloc_info(0, stream)
    library.fclose(stream)
    print(file.read().count(b"<heap nr="))
"""


def arenas(how: str) -> int:
    command = [sys.executable, "-c", THREADS_WITH_MEMORY, how]
    return int(subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout)


def test_the_threads_of_a_fleet_share_their_memory() -> None:
    assert arenas("set up") <= 2 < arenas("as it is")
