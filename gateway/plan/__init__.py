"""What one SIM may spend, what it has spent, whether its operator seems to block it, and its money."""
