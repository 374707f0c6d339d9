"""The gateway's speed, measured on fake modems: everything real, each part its own process. One figure per module."""
