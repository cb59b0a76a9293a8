"""The written root cause analysis: a Markdown document that grows out of the record and belongs to its writers."""
