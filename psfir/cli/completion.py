"""`psfir completion`: the script a shell needs so that TAB knows systems, incidents, runbooks and playbooks."""

from __future__ import annotations

import click

from psfir.cli.desk import Desk, common

EPILOG = """\b
Examples:
  psfir completion bash >> ~/.bashrc
  psfir completion zsh  >> ~/.zshrc
  psfir completion fish >  ~/.config/fish/completions/psfir.fish

Exit codes: 0 printed, 2 a shell psfir does not know."""


@click.command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@common
def completion(desk: Desk, *, shell: str) -> int:
    """Print the shell completion script."""
    from click.shell_completion import get_completion_class

    from psfir.cli.main import COMPLETE, psfir

    complete = get_completion_class(shell)
    assert complete is not None  # noqa: S101 - click ships all three
    script = complete(psfir, {}, "psfir", COMPLETE).source()
    desk.result("completion", {"shell": shell, "script": script})
    desk.say(script, verbatim=True)
    return 0
