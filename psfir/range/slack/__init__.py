"""The Slack of the range: the stand-in from a package where it is installed, and otherwise a console.

The console keeps what is posted and prints it. Both are reached on 127.0.0.1 by Slack's own client.
"""
