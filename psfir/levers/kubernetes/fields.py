"""Parts that are fields of their objects: what is read is what stands there, what is written is a patch of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.canon import Json
from psfir.errors import Denied, NoSuchTarget
from psfir.levers.kubernetes.parts import Parts
from psfir.levers.settle import Way
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import version


class Fields(Parts):
    """A lever adds how its part is found in an object, and the patch that gives it."""

    @abstractmethod
    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        """The part of an object that this lever manages."""

    @abstractmethod
    def body(self, target: Target, path: str, part: Json) -> Any:  # noqa: ANN401 - a mapping, or a list of operations
        """The patch that gives the object this part.

        A mapping is merged as `how` says, a list is a JSON Patch.
        """

    def how(self, path: str) -> str:
        """How a patch of it is merged; a list in a merge patch replaces the whole list."""
        return "merge"

    def found(self, path: str, deadline: Deadline) -> dict[str, Any]:
        """The object, or what may be seen instead of it."""
        try:
            return self._client.get(path, within=deadline.left)
        except Denied:
            other = self.instead(path)
            if other is None:
                raise
            return self._client.get(other, within=deadline.left)

    def now(self, target: Target, path: str, deadline: Deadline) -> tuple[Json, str]:
        try:
            found = self.found(path, deadline)
        except NoSuchTarget:
            return None, ""
        return self.part(target, path, found), version(found)

    def write(self, target: Target, move: tuple[str, Way], seen: str, deadline: Deadline) -> None:
        path, way = move
        self._patch(path, self.body(target, path, way.wanted), seen, deadline)

    def _patch(self, path: str, body: Any, seen: str, deadline: Deadline) -> None:  # noqa: ANN401 - as `body` gives it
        """It carries the version that was read: whoever was faster is not overwritten."""
        if isinstance(body, list):
            carried: Any
            carried, how = [{"op": "test", "path": "/metadata/resourceVersion", "value": seen}, *body], "json"
        else:
            metadata = {**body.get("metadata", {}), "resourceVersion": seen}
            carried, how = {**body, "metadata": metadata}, self.how(path)
        try:
            self._client.patch(path, carried, within=deadline.left, how=how)
        except Denied:
            other = self.instead(path)
            if other is None:
                raise
            self._client.patch(other, carried, within=deadline.left, how=how)
