"""By which messages really leave: the messengers that the connections of psfir.yaml lead to."""

from __future__ import annotations

from psfir.app.bind import Binder
from psfir.contracts import Messenger
from psfir.domain.catalog import messenger_on
from psfir.domain.channels import Channel


class LivePost(Binder):
    """The one binder that can make messengers. A session of a rehearsal is never given it."""

    exercise = False

    def messenger(self, channel: Channel) -> Messenger:
        catalog = self._catalog
        name = messenger_on(catalog, self.connection(channel.connection).kind).name
        key = ("messenger", name, channel.connection)
        return self._part(key, lambda: catalog.messenger(name), lambda: catalog.load_messenger(name))
