"""Turn a finished letter into bytes or text: one module a format, none of which adds a word."""
