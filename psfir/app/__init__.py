"""The wiring: the one room that knows all others. One file a deed; it binds real parts to the engine's sockets."""
