"""Trades, and what those who follow them like and wear."""

TRADES = ("baker", "cooper", "glazier", "mason", "miller", "potter", "sailor", "shepherd", "tailor", "weaver")
FRUITS = ("apples", "cherries", "figs", "grapes", "melons", "nuts", "peaches", "pears", "plums", "quinces")
COLOURS = ("black", "blue", "brown", "green", "grey", "purple", "red", "white", "yellow")
