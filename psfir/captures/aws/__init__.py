"""Captures on AWS: what an application said there before it was touched."""
