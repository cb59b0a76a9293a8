"""For those who write levers, probes and captures, and for psfir's own tests: doubles, and the contract of a lever.

Nothing in the package imports this room.
"""

from psfir.testing.clocks import SettableClock
from psfir.testing.contract import Harness, LeverContract
from psfir.testing.parts import FakeCapture, FakeConnection, FakeLever, FakeProbe, Fault
from psfir.testing.records import MemoryEvidence, MemoryJournal, MemoryLeases

__all__ = [
    "FakeCapture",
    "FakeConnection",
    "FakeLever",
    "FakeProbe",
    "Fault",
    "Harness",
    "LeverContract",
    "MemoryEvidence",
    "MemoryJournal",
    "MemoryLeases",
    "SettableClock",
]
