"""What a maintainer runs, a few times a year; the program that is served imports none of it."""
