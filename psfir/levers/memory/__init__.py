"""Levers on the estate that is a file of the workspace: for the demo, drills and tests."""
