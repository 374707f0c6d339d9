"""[pure] What one SIM may spend, how what it has spent is counted, signs of a block, its money."""
