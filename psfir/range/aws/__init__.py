"""AWS on the range: the moto server with what it lacks before it."""
