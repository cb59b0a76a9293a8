"""What players do about each inject, in every scenario that ships: a team that is good at it, and one that is not.

A line is an inject, how many minutes after it, a deed, and its words. So the same script plays every cut.

    declare SEVERITY   seat SEAT   kill MODE [VERDICT [VERDICT after the soak]]   pull (by hand, nothing is kept)
    note TEXT   tell AUDIENCE PHASE   clock CLOCK   answer NUMBER of the option
"""

from __future__ import annotations

from collections.abc import Mapping

_START = """
{0} 1 declare {1}
{0} 2 seat commander
"""

GOOD: Mapping[str, str] = {
    "executive-call": _START.format("leak", "sev2")
    + """
leak 3 kill disable
fixed 2 note Four reports to the desk against one doubt: it is real until shown otherwise
order 1 answer 2
order 2 note Decision: it stays off. An order by video is refused; her words are written down below
order 6 note Called her companion back by the number in the house's list, 18:58
one-yes 2 note On-call was asked for a second yes by a message and told the commander
statement 3 note Decision: nothing goes out that has no approved template
statement 9 tell press holding
real-one 4 tell executive holding
real-one 6 note Invitation, recording and messages are kept for the police
who-else 3 note Decision: all are warned, no order by video or call counts tonight
who-else 8 tell internal holding
""",
    "failover": _START.format("errors", "sev3")
    + """
errors 3 kill degrade
all-green 2 note Decision: we go to prepared answers meanwhile and do not wait for the cause
ready 1 answer 2
ready 4 note It lacks a filter, runs in another region and was never compared on answers
chat-away 3 note We use the phone bridge, the list of numbers is printed at the desk
status 6 tell public holding
status 9 tell support holding
bill 5 note Runs in the background retry: they are stopped, a limit is set
contracts 6 note Nothing was sent to that region, from the gateway's logs, as of now
fine-now 4 note Decision: it stays on prepared answers until the error rate is below 1 percent for 30 minutes
fine-now 9 tell public monitoring
""",
    "inbox-injection": _START.format("gateway", "sev2")
    + """
gateway 4 kill isolate
page-gone 3 note The index and the runs under way still hold the page: we wait for the verdict
digest 4 note Decision: the digest is not sent, its schedule is suspended and somebody has looked
fourteen 2 answer 2
fourteen 9 clock gdpr-33-1
stranger 6 tell customers holding
stranger 9 tell support holding
without-mail 5 note Decision: it stays off until the index is rebuilt and the same page in a test moves it to nothing
hand-over 4 note Finn owns the analysis; first question: why a trusted sender had no limit
""",
    "kill-switch-fails": _START.format("pager", "sev2")
    + """
pager 3 kill disable
all-well 3 note The dashboard is the vendor's own: only the verdict counts
customer 9 tell customers holding
customer 14 clock gdpr-33-1
switch-on 4 note Decision: it stays off until two tenants were asked and saw nothing
press 8 tell press holding
""",
    "memory-poisoning": _START.format("mail-again", "sev2")
    + """
mail-again 4 kill isolate
works-now 2 note Decision: quiet is not fixed, it was quiet on Tuesday too, it stays cut off
remembers 2 note Decision: the table is copied and frozen before anybody wipes it
partner 2 answer 2
partner 7 tell vendor holding
parcels 4 note Decision: labels are printed by hand today, the tools stay cut off
which-customers 6 tell customers holding
which-customers 9 clock gdpr-33-1
rebuild 5 note Decision: we start from the memory of Monday, and look for the sentence in it first
""",
    "poisoned-index": _START.format("ninety", "sev2")
    + """
ninety 4 kill disable
model 3 note The answer quotes a page of the community: it is no invention
last-week 2 answer 2
last-week 5 note Decision: no index serves before all older ones are searched back to the first such article
clean-up 2 note Decision: the articles are hidden and kept as evidence
who-was-told 6 tell customers correction
who-was-told 8 note Decision: who was told ninety days gets a refund within ninety days
who-was-told 9 tell support correction
gate 4 note Decision: the community stays out until somebody reviews what may enter the index
gate 6 note Finn owns the review
""",
    "quiet-change": _START.format("desk", "sev3")
    + """
green 3 note The number is old, filled on Saturday, over a sample of none
which 1 answer 2
which 2 kill degrade
which 5 note Decision: prepared answers on four reports; not known is the share and the cause
no-known-issues 6 tell vendor holding
ruler 5 note Since Sunday, bundles only: 3 of 8
screenshot 8 tell customers correction
screenshot 10 tell support correction
quiet-again 4 note Decision: it returns at 29 of thirty on the fixed set, which runs each hour from then on
""",
    "refund-policy": _START.format("first-word", "sev3")
    + """
limit 2 answer 2
limit 4 note Decision: it gives no answer about money from now on, 41 people are enough
post 12 tell customers correction
honour 5 note Decision: whoever was promised a refund gets it, all others 30 days
honour 8 note Asked legal, who sees a promise in our name
""",
    "runaway-agent": _START.format("spend", "sev2")
    + """
spend 3 kill isolate
gone 3 note Ended pods come back, an operator starts them: only the verdict after the soak counts
confession 2 answer 2
confession 9 note Dora looked with her own account: the history holds all 2,180 rows
board 6 tell executive holding
refunds 7 tell customers holding
rights 5 note Decision: they stay off until the limit is a limit and two approve each delete
rights 8 note Finn owns the rights of agents, due on Friday
""",
    "tenant-leak": _START.format("report", "sev2")
    + """
report 3 kill isolate
restart 2 note Decision: nobody restarts anything, the cache is evidence and is kept
one-tenant 2 answer 2
one-tenant 4 note Decision: all three stay cut off, Brackwater's orders were looked up too
controllers 5 clock gdpr-33-2
controllers 8 tell customers holding
table 3 note Decision: this mail is stopped, each company gets its own facts
table 14 tell customers scope
health 4 note Deletion of tonight is stopped, Emma has the hold
back 5 note Decision: it stays off until a test with two tenants at once has passed
""",
    "unfair-decisions": _START.format("letter", "sev2")
    + """
fair-enough 5 note The check compared two groups and no address, no flat, no estate
suspend 2 answer 2
suspend 5 note Decision: every no goes to a person from now on, eleven people are reason enough
numbers 4 note Began in September, noticed by the letter, we knew at 32 minutes
numbers 7 clock eu-ai-73-2
retrain 4 note Decision: nothing is overwritten or altered before legal says so
retrain 6 note Put to legal: may it be repaired before the authority knows
report-draft 9 tell regulator scope
report-draft 12 tell internal holding
six-hundred 6 note Decision: two people review the 640 cases again until Friday week
six-hundred 9 note Finn owns the analysis
""",
    "viral-jailbreak": _START.format("song", "sev2")
    + """
song 5 note Decision: the public answers go off now, by psfir kill support-assistant
patch 3 note A patch is a guess, nobody ran the evaluation
young 1 answer 1
young 3 note Decision: Emma follows the emergency procedure, reaches the girl and reports back at ten
young 4 declare sev1
chats 4 note All doors: posts, chat, partner shop. All go
reporter 7 tell press holding
reporter 11 tell public holding
recital 6 note In the prompt stand discounts and a partner's buyer; she is told today
monday 4 note Decision: it stays off until somebody else has checked the condition of tonight
monday 8 note Finn owns the analysis
""",
}

BAD: Mapping[str, str] = {
    "executive-call": """
leak 9 declare sev4
fixed 1 note We wait until engineering can make it happen
leak 17 pull
order 1 answer 1
statement 9 tell press holding
""",
    "failover": """
errors 12 declare sev4
all-green 1 note Networking first
ready 1 answer 1
errors 20 kill degrade not_contained
""",
    "inbox-injection": """
gateway 4 note The address is blocked
page-gone 1 note The cause is found, we leave it on
gateway 17 pull
fourteen 2 answer 1
stranger 40 tell customers holding
""",
    "kill-switch-fails": """
pager 6 kill disable unknown
all-well 1 note Looks fine
pager 21 kill disable partial
""",
    "memory-poisoning": """
mail-again 6 pull
works-now 1 note Fixed by restart, incident closed
partner 2 answer 1
""",
    "poisoned-index": """
ninety 12 declare sev4
model 1 note Temperature is lowered
ninety 22 kill degrade partial
last-week 1 answer 1
""",
    "quiet-change": """
green 1 note All is fine
which 1 answer 3
no-known-issues 2 note They know of nothing
quiet-again 2 note Decision: back on
""",
    "refund-policy": """
not-ours 1 note The chat was edited
limit 4 answer 1
post 40 tell customers correction
""",
    "runaway-agent": """
spend 3 pull
gone 1 note They are gone
confession 1 answer 1
spend 14 kill isolate contained not_contained
""",
    "tenant-leak": """
report 6 pull
restart 1 note Restart is fine with us
one-tenant 2 answer 1
table 5 note Wording corrected in line three
""",
    "unfair-decisions": """
fair-enough 1 note Eleven people are no statistics
suspend 2 answer 1
retrain 1 note Well done
""",
    "viral-jailbreak": """
song 12 declare sev3
patch 1 note Live in four minutes
young 3 answer 2
chats 1 note Both on again
""",
}
