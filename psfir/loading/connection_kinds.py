"""Which keys a connection of each kind has, and which of them say where a secret is. A new kind is a row in `KINDS`.

A kind that somebody else brings describes itself in words of the domain, and is made to a record of the same make here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from psfir.domain.connecting import CA, PLAIN_HTTP, TIMEOUT, ConnectionKey, ConnectionKind, KeyType
from psfir.loading.shapes import File, Flag, Key, ListOf, MapOf, Record, SecretRef, Shape, Span, Text

_SHARED = (
    Key("kind", Text(), "what is at the other end", required=True),
    Key("vendor", Text(), "whose it is, for telling what fails together; default the kind's own"),
    Key("network", Text(), "which network it is reached over, for the same reason"),
)

_ADDRESS = Text(
    r"https?://[^\s/?#@]+(/[^\s?#]*)?", "an http or https address without a name, a password or a query", private=True
)
PROGRAM = Text(r"/[^\0\n]*[^\0\n/]", "an absolute path")
_MAIL = Text(
    r"smtps?://[^\s/?#@]+", "an address such as smtp://mail.example.com:587, without a name or a password", private=True
)
_VARIABLE = Text(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")
_HEADER = Text(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "the name of a header")

_SHAPES: Mapping[KeyType, Shape] = {
    KeyType.TEXT: Text(),
    KeyType.FLAG: Flag(),
    KeyType.SPAN: Span(0.1),
    KeyType.TEXTS: ListOf(Text()),
    KeyType.FILE: File(),
    KeyType.ADDRESS: _ADDRESS,
    KeyType.ADDRESSES: ListOf(_ADDRESS),
    KeyType.SECRET: SecretRef(),
    KeyType.SECRETS: MapOf(SecretRef(), key=_HEADER),
}


def _key(key: ConnectionKey) -> Key:
    return Key(key.name, _SHAPES[key.type], key.line, key.required)


def record_of(kind: ConnectionKind) -> Record:
    """What may stand in a connection of a kind that somebody else brings."""
    return Record(f"{kind.name} connection", (*_SHARED, *map(_key, kind.keys)))


_CA, _PLAIN, _TIMEOUT = map(_key, (CA, PLAIN_HTTP, TIMEOUT))

KINDS: dict[str, Record] = {
    "memory": Record(
        "memory connection",
        (*_SHARED, Key("path", File(), "the file that holds the tiny estate, in the workspace", required=True)),
    ),
    "http": Record(
        "http connection",
        (
            *_SHARED,
            Key("url", _ADDRESS, "where it is", required=True),
            Key("token", SecretRef(), "where its token is; sent in the auth header"),
            Key("headers", MapOf(SecretRef(), key=_HEADER), "further headers, each by reference"),
            Key("auth_header", replace(_HEADER, private=True), "the token's header; default Authorization"),
            Key("auth_prefix", Text(least=0, private=True), "what stands before the token; default `Bearer `"),
            _CA,
            _PLAIN,
            Key("redirects", ListOf(Text()), "hosts that reads may be redirected to"),
            Key("replicas", ListOf(_ADDRESS), "every replica's own address, for probes"),
            _TIMEOUT,
        ),
    ),
    "flagd": Record(
        "flagd connection",
        (*_SHARED, Key("file", File(), "the flag file that flagd reads, JSON or YAML", required=True)),
    ),
    "launchdarkly": Record(
        "launchdarkly connection",
        (
            *_SHARED,
            Key("url", _ADDRESS, "the REST API; default https://app.launchdarkly.com"),
            Key("token", SecretRef(), "where its access token is, for the levers"),
            Key("account", Text(), "any name, the same for all connections of one account: they share its rate limit"),
            Key(
                "sdk_key", SecretRef(), "where the environment's SDK key is, for the probe that looks as an application"
            ),
            Key("trigger", SecretRef(), "where the secret URL of a flag trigger is, for launchdarkly.trigger"),
            Key("sdk_url", _ADDRESS, "where SDKs poll; default https://sdk.launchdarkly.com"),
            Key("stream_url", _ADDRESS, "where SDKs stream from; default https://stream.launchdarkly.com"),
            _CA,
            _PLAIN,
            _TIMEOUT,
        ),
    ),
    "litellm": Record(
        "litellm connection",
        (
            *_SHARED,
            Key("url", _ADDRESS, "where the gateway is", required=True),
            Key("token", SecretRef(), "where a proxy admin's key is, for the levers"),
            Key("key", SecretRef(), "where the virtual key itself is, to be tried on each replica"),
            Key("replicas", ListOf(_ADDRESS), "every replica's own address: each remembers for itself"),
            _CA,
            _PLAIN,
            _TIMEOUT,
        ),
    ),
    "unleash": Record(
        "unleash connection",
        (
            *_SHARED,
            Key("url", _ADDRESS, "where it is, without /api", required=True),
            Key("token", SecretRef(), "where a token for the admin API is, for the levers"),
            Key("client_token", SecretRef(), "where an environment's client token is, for the probe"),
            Key(
                "frontend_token", SecretRef(), "where its frontend token is: with it the probe is served as a person is"
            ),
            _CA,
            _PLAIN,
            _TIMEOUT,
        ),
    ),
    "kubernetes": Record(
        "kubernetes connection",
        (
            *_SHARED,
            Key("kubeconfig", File(), "the kubeconfig file; default KUBECONFIG, then ~/.kube/config"),
            Key("context", Text(), "the context in it; default its current one"),
            Key("in_cluster", Flag(), "use the service account of the pod that psfir runs in; default false"),
            _TIMEOUT,
        ),
    ),
    "aws": Record(
        "aws connection",
        (
            *_SHARED,
            Key("region", Text(r"[a-z]{2}(-[a-z]+)+-[0-9]", "a region such as eu-west-1"), "the region", required=True),
            Key("account", Text(r"[0-9]{12}", "an account id of 12 digits"), "refuse to work on any other account"),
            Key("profile", Text(), "a profile of the shared configuration; default the SDK's own search"),
            Key("access_key_id", SecretRef(), "where an access key id is, instead of a profile"),
            Key("secret_access_key", SecretRef(), "where its secret access key is"),
            Key("session_token", SecretRef(), "where its session token is"),
            Key("assume_role", Text(r"arn:[^\s]+:role/[^\s]+", "the ARN of a role"), "a role to assume first"),
            Key("external_id", SecretRef(), "where the external id is that the role asks for"),
            Key("endpoint_url", _ADDRESS, "another endpoint for every service, such as a private one"),
            _CA,
            _PLAIN,
            _TIMEOUT,
        ),
    ),
    "command": Record(
        "command connection",
        (
            *_SHARED,
            Key(
                "argv",
                ListOf(Text(), least=1, empty="names no program"),
                "the program by its absolute path, and what it is told before the verb",
                required=True,
            ),
            Key("env", ListOf(_VARIABLE), "the variables of psfir's own environment that it gets; no others"),
            Key("secrets", MapOf(SecretRef(), key=_VARIABLE), "further variables, each by reference"),
            _TIMEOUT,
        ),
    ),
    "statuspage": Record(
        "statuspage connection",
        (
            *_SHARED,
            Key("url", _ADDRESS, "its API; default https://api.statuspage.io/v1"),
            Key("token", SecretRef(), "where its API key is", required=True),
            _CA,
            _PLAIN,
            _TIMEOUT,
        ),
    ),
    "smtp": Record(
        "smtp connection",
        (
            *_SHARED,
            Key("url", _MAIL, "the mail server: smtp:// with STARTTLS, smtps:// with TLS at once", required=True),
            Key("user", Text(), "whom it logs in as"),
            Key("password", SecretRef(), "where their password is"),
            _CA,
            Key("plain_smtp", Flag(), "do without TLS, to this machine only; default false"),
            _TIMEOUT,
        ),
    ),
    "slack": Record(
        "slack connection",
        (
            *_SHARED,
            Key("url", _ADDRESS, "where it is, without /api; default https://slack.com"),
            Key("token", SecretRef(), "where the app's bot token is", required=True),
            Key("app_token", SecretRef(), "where the app's token for Socket Mode is"),
            Key("signing_secret", SecretRef(), "where the secret is that signs what Slack posts to us over HTTP"),
            _CA,
            _PLAIN,
            _TIMEOUT,
        ),
    ),
    "webhook": Record(
        "webhook connection",
        (
            *_SHARED,
            Key("url", _ADDRESS, "where each message is posted to", required=True),
            Key("secret", SecretRef(), "where the secret is that signs each post", required=True),
            Key("token", SecretRef(), "where a token is, if it wants one; sent as Authorization: Bearer"),
            Key("headers", MapOf(SecretRef(), key=_HEADER), "further headers, each by reference"),
            _CA,
            _PLAIN,
            _TIMEOUT,
        ),
    ),
    "github": Record(
        "github connection",
        (
            *_SHARED,
            Key("url", _ADDRESS, "the REST API; default https://api.github.com"),
            Key("token", SecretRef(), "where a token is that may write issues of the repository", required=True),
            Key("repository", Text(r"[\w.-]+/[\w.-]+", "owner/name"), "where issues go: owner/name", required=True),
            Key("public", Flag(), "everybody may read what is sent there; default false"),
            _CA,
            _PLAIN,
            _TIMEOUT,
        ),
    ),
    "jira": Record(
        "jira connection",
        (
            *_SHARED,
            Key("url", _ADDRESS, "where it is, without /rest", required=True),
            Key("user", Text(), "on Jira Cloud: whose API token it is; left out for a Data Center's own token"),
            Key("token", SecretRef(), "where the token is", required=True),
            Key("project", Text(r"[A-Z][A-Z0-9_]+", "a project's key"), "where issues go: its key", required=True),
            Key("issue_type", Text(), "what they are made as; default Task"),
            _CA,
            _PLAIN,
            _TIMEOUT,
        ),
    ),
    "folder": Record(
        "folder connection",
        (*_SHARED, Key("path", File(), "the folder, in the workspace; it is made when it is needed", required=True)),
    ),
}
