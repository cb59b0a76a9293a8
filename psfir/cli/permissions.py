"""`psfir permissions`: the least that the runbooks' credentials must be allowed, for the vendors' own tools."""

from __future__ import annotations

import click

from psfir.cli import complete
from psfir.cli.desk import Desk, common
from psfir.domain.about import Phase

EPILOG = """\b
Examples:
  psfir permissions support-assistant
  psfir permissions --all --for kubernetes --phase kill | kubectl apply -f -
  psfir permissions --all --for aws --connection aws-prod > policy.json

--to takes user:NAME, group:NAME or serviceaccount:NAMESPACE:NAME.

Exit codes: 0 printed; 1 a runbook cannot be read, so that what is printed is too narrow; 2 wrong command or file."""

KINDS = click.Choice(["kubernetes", "aws", "launchdarkly", "unleash"])
PHASES = click.Choice([phase.value for phase in Phase])
TO = "Whom Kubernetes roles are bound to, as said below."


@click.command(epilog=EPILOG)
@click.argument("system", required=False, shell_complete=complete.systems)
@click.option("--all", "everything", is_flag=True, help="Every system.")
@click.option("--for", "kind", type=KINDS, help="Only this vendor's document, to be handed on.")
@click.option("--phase", type=PHASES, help="Only what it takes to look, to kill, or to put back; default all.")
@click.option("--connection", help="Of which connection, where several need such a document.")
@click.option("--to", default="", help=TO)
@common
def permissions(desk: Desk, *, system: str | None, everything: bool, phase: str | None, to: str, **of: str) -> int:
    """Print the least that the credentials must be allowed: Roles, an IAM policy, a custom role."""
    from psfir.app.choose import Aim
    from psfir.app.rights import Wish, rights
    from psfir.cli import rights_view

    wish = Wish(Phase(phase) if phase else None, to)
    derived = rights(desk.session(), Aim(systems=(system,) if system else (), all=everything), wish)
    rights_view.show(desk, derived, kind=of["kind"], connection=of["connection"])
    for name, why in sorted(derived.broken.items()):
        desk.warn(f"runbook {name} cannot be read, and what it needs is missing here: {why}")
    return 1 if derived.broken else 0
