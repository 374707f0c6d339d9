"""One carrier's thread: `loop` opens and serves it, the others are what it goes by."""
