"""Sentences as metrics see them: words, sequences of words, stems, and which words of two belong together."""
