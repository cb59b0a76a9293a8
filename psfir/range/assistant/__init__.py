"""The support assistant of the range: an AI feature whose behaviour depends on flags, pods, roles, policies and routes.

It is laid out as the reference runbooks say that such a feature is built, and customers talk to it all the time.
"""
