"""Who may reach whom in the range's cluster, and which pods answer: read off what is stored there, as a network would.

The API server only stores policies, routes and endpoints; here they count, for the range's own traffic.
"""
