"""The lever that is somebody's own program."""
