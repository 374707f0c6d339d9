"""Random damage to what modems and SMSCs say: nothing hangs, nothing grows, nothing is raised but our own errors."""
