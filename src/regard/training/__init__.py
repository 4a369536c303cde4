"""Training: a plain loop that can be killed anywhere and goes on as if it had not been."""
