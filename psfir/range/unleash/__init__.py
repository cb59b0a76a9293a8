"""Unleash as the levers and the probe meet it: the admin, the client and the frontend API behind one address."""
