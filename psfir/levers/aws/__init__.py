"""Levers on AWS: deny what a role may do, throttle a function, scale a service down."""
