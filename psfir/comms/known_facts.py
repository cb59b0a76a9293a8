"""The facts that a template's fields may be filled from: what the record can tell, and what psfir.yaml can say.

`facts.py` works out the first; this list is apart, so that a template can be checked without any incident.
"""

from __future__ import annotations

from collections.abc import Mapping

RECORD: Mapping[str, str] = {
    "incident": "the incident's number",
    "severity": "how bad it is",
    "since": "when it began, as far as is known: the trigger",
    "declared_at": "when it was declared",
    "as_of": "when this text was filled",
    "contained_at": "when a probe first proved the containment",
    "restored_at": "when what was changed was put back",
    "resolved_at": "when it was resolved",
    "duration": "from the trigger until it was resolved, or until now",
    "time_to_contain": "from the trigger until containment was proven",
    "next_update_at": "when the next message is promised",
    "last_update_at": "when this audience last heard",
    "systems": "what customers call the affected features",
    "count": "how many people or outputs are affected, from the inventory",
    "not_known": "what is not known yet, as the incident's notes say",
}

WORKSPACE: Mapping[str, str] = {
    "product": "what customers call the feature",
    "company": "the company's name",
    "contact": "where people turn to",
    "status_page": "where the next message will stand",
    "security_contact": "where security reports go",
    "privacy_contact": "the data protection officer, or whom to ask about personal data",
    "press_contact": "who speaks to the press",
    "vendor_contact": "who speaks to the vendor",
    "support_hours": "when support answers",
}
