"""A model taken apart: what it computes for one source, step by step, and what it would say if it looked elsewhere."""
