"""`psfir schema`: the JSON Schema of a kind of file, for editors and other tools."""

from __future__ import annotations

import json

import click

from psfir.loading.files import KINDS
from psfir.loading.jsonschema import schema_of

EPILOG = f"""Kinds: {", ".join(KINDS)}.

\b
Examples:
  psfir schema runbook > runbook.schema.json
  psfir schema playbook      the front matter between the two --- lines

Exit codes: 0 printed, 2 a kind psfir does not know."""


@click.command(short_help="Print the JSON Schema of a file kind.", epilog=EPILOG)
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
@click.option("--json", "as_json", is_flag=True, help="On one line.")
def schema(*, kind: str, as_json: bool) -> int:
    """Print the JSON Schema (draft 2020-12) of a kind of file that people write."""
    from psfir.app.catalog import installed_catalog
    from psfir.app.kinds import shapes

    click.echo(json.dumps(schema_of(kind, shapes(installed_catalog())), indent=None if as_json else 2))
    return 0
