"""The command line: parses, asks `app`, shows. A rule that lives only here is a bug."""
