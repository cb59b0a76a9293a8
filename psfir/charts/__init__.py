"""Figures for people to look at: an incident and plain numbers in, SVG or lines of text out."""
