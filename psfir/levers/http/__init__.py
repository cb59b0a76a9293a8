"""Levers on anything that speaks HTTP and JSON."""
