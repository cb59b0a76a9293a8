"""Whether each channel of psfir.yaml can tell anybody: a messenger for its connection, its settings, its list."""

from __future__ import annotations

from psfir.domain.about import MessengerAbout
from psfir.domain.catalog import Catalog, messenger_on
from psfir.domain.system import Workspace
from psfir.errors import CatalogError
from psfir.loading.fields import check_fields
from psfir.loading.files import Loaded
from psfir.loading.nodes import MAP, Node


def check_channels(words: Loaded, workspace: Workspace, catalog: Catalog) -> None:
    """What a channel lacks would be found out while people wait to be told."""
    for name, channel in workspace.comms.channels.items():
        node = words.root.at("comms", "channels", name)
        connection = workspace.connections.get(channel.connection)
        if connection is None:
            continue  # told already
        try:
            about = messenger_on(catalog, connection.kind)
        except CatalogError as error:
            words.problems.add(node.get("connection") or node, str(error), rule="reference")
            continue
        _check(words, node, about)


def _check(words: Loaded, node: Node, about: MessengerAbout) -> None:
    told = node.get("set")
    if told is not None and told.kind is MAP:
        check_fields(about.settings, told, words.problems)
    elif missing := [field.name for field in about.settings if field.required]:
        says = f"{about.name} needs the key 'set' with {', '.join(missing)}"
        words.problems.add(node, says, rule="missing-key")
    listed = node.get("list")
    if about.each and listed is None:
        says = f"{about.name} writes to each recipient by itself: name the list of them with list:"
        words.problems.add(node, says, rule="missing-key")
    if listed is not None and not about.each:
        words.problems.add(listed, f"{about.name} posts once, and writes to no list", rule="unknown-key")
