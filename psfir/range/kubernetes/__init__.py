"""A Kubernetes API server for the range: the official clients speak to it over HTTP, and controllers play behind it.

What the real server was seen to do, down to the words of its errors, is copied; nothing is scheduled or run.
"""
