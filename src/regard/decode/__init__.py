"""Decoding: a back end that steps, a search that chooses, an engine that keeps lines in order."""
