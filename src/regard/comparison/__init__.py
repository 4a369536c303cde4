"""Comparison: several runs with the same data, order and seeds, and one table of what each came to."""
