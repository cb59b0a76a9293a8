"""Levers on Unleash: a flag in one environment."""
