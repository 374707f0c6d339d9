"""The process: its start and stop, the dispatcher, the fleet of carriers, the watch over all loops, housekeeping."""
