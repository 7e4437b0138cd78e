"""Nothing kept, nothing leaked, nothing breaks it: the thirty checks of `test_checks.py`."""
