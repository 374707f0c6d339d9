"""The real queue, dispatcher, workers and codec against simulated modems, under virtual time and seeded chance.

It does not imitate: AT lines (the fake bank does), threads that really run at once, a disk that fails.
"""
