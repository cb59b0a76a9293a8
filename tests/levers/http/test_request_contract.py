"""http.request is held to what every lever promises, with entity tags and without."""

from collections.abc import Iterator

import pytest

from psfir.levers.http.request import HttpRequest
from psfir.testing import Harness, LeverContract
from tests.vendors.http_stand_in import StandIn, applied_then, hang


class HttpHarness(Harness):
    def __init__(self, stand: StandIn) -> None:
        self.stand = stand
        self.target = HttpRequest.about.example["target"]  # type: ignore[assignment]  # the example's target is a mapping
        self.settings = {"value": False}

    def lever(self) -> HttpRequest:
        return HttpRequest(self.stand.connection())

    def writes(self) -> int:
        return self.stand.effects

    def disturb(self) -> None:
        self.stand.document["enabled"] = "half"

    def lose_answer(self) -> None:
        self.stand.always["PUT"] = applied_then(hang)

    def hang(self) -> None:
        self.stand.always = {"GET": hang, "PUT": hang}


class TestHttpRequest(LeverContract):
    @pytest.fixture(params=["strong", ""], ids=["etag", "value"])
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with StandIn() as stand:
            stand.etag = request.param
            stand.heeds = request.param == "strong"
            yield HttpHarness(stand)
