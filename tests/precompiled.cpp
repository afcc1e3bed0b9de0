// Carries the precompiled header of the tests; has nothing of its own.
