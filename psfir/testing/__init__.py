"""For those who write parts of psfir, and for its own tests: doubles, and the contracts of a lever and a messenger.

Nothing in the package imports this room.
"""

from psfir.testing.clocks import SettableClock
from psfir.testing.contract import Harness, LeverContract
from psfir.testing.messages import MESSAGE, MessengerContract, MessengerHarness, cleared
from psfir.testing.parts import FakeCapture, FakeConnection, FakeLever, FakeProbe, Fault
from psfir.testing.records import MemoryEvidence, MemoryJournal, MemoryLeases

__all__ = [
    "MESSAGE",
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
    "MessengerContract",
    "MessengerHarness",
    "SettableClock",
    "cleared",
]
