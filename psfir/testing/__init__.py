"""For those who write levers, probes and captures, and for psfir's own tests: doubles, and what a lever is held to.

`LeverContract` holds a lever to what every lever promises, `check_case` to a table of case files, `meet` to the list of
what goes wrong on a wire. A `Stage` is a lever before a stand-in of its vendor, and serves all three. Nothing in the
package imports this room.
"""

from psfir.range.faulty import Fault as WireFault
from psfir.range.front import Front
from psfir.range.server import Asked, Reply, Server
from psfir.testing.cases import check_case, read_case
from psfir.testing.clocks import SettableClock
from psfir.testing.contract import Harness, LeverContract
from psfir.testing.faults import meet
from psfir.testing.matrix import MATRIX, Row
from psfir.testing.messages import MESSAGE, MessengerContract, MessengerHarness, cleared
from psfir.testing.parts import FakeCapture, FakeConnection, FakeLever, FakeProbe, Fault
from psfir.testing.records import MemoryEvidence, MemoryJournal, MemoryLeases
from psfir.testing.stage import Stage, StageHarness

__all__ = [
    "MATRIX",
    "MESSAGE",
    "Asked",
    "FakeCapture",
    "FakeConnection",
    "FakeLever",
    "FakeProbe",
    "Fault",
    "Front",
    "Harness",
    "LeverContract",
    "MemoryEvidence",
    "MemoryJournal",
    "MemoryLeases",
    "MessengerContract",
    "MessengerHarness",
    "Reply",
    "Row",
    "Server",
    "SettableClock",
    "Stage",
    "StageHarness",
    "WireFault",
    "check_case",
    "cleared",
    "meet",
    "read_case",
]
