"""Random damage to what modems say: nothing hangs, nothing grows, nothing is raised but our own errors."""
