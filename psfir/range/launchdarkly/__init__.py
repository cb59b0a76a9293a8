"""A LaunchDarkly account on 127.0.0.1: its REST API, and the stream that the official SDKs listen to.

Where the vendor does not say how it behaves, the stand-in has a switch on `Estate`, so that levers are tried both ways.
"""
