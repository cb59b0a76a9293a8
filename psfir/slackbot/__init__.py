"""The door of Slack: what people type and press there becomes deeds of `psfir.app`, and what is recorded is shown.

One file a surface. A surface puts its commands and buttons into `registry`, and nothing else needs to know of it:
`incoming` finds them there. Whatever is shown in a channel goes through `outgoing`, which keeps it until it is there.
"""
