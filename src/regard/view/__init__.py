"""Attention as a result: a record of what was looked at, drawn in the terminal, in pictures and on pages."""
