"""The proofs: one module for each of the program's, and for each promise of the pages."""
