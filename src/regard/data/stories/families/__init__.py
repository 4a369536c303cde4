"""Families of stories, a file each: after the descriptions of the twenty tasks of Weston et al. (2015).

`tell(draw, length)` tells a story of about so many sentences; the file name is its name. The words are our own.
"""
