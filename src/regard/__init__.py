"""Attention encoder-decoders."""
