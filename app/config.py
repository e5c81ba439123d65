"""Settings, read once from the environment and a `.env` file; `docs/settings.md` explains each."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, parse_qs, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DRIVERS = ("mysql+aiomysql", "mysql+asyncmy", "sqlite+aiosqlite")
TLS_DRIVER = "mysql+aiomysql://"
# What stands between the name and the host of a URL.
PASSWORD = re.compile(r"(?<=[^/:]):[^/@]*@")
PREFIX_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")
TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+")
USER_POOL_ID = re.compile(r"[A-Za-z0-9_-]+")
# Super administrators are appointed in q2a.
GROUP_LEVELS = {"approved": 10, "expert": 20, "editor": 50, "moderator": 80, "admin": 100}


class SettingError(Exception):
    """A setting has a value that cannot be used; the text is one line that says what can."""

    def __init__(self, name: str, value: str, accepted: str) -> None:
        shown = PASSWORD.sub(":***@", value)
        super().__init__(f"{name}={shown!r} is not accepted: it must be {accepted}.")


class Environment(Enum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogFormat(Enum):
    TEXT = "text"
    JSON = "json"


class Monitor(Enum):
    """Who is sent traces and metrics."""

    NONE = "none"
    DATADOG = "datadog"
    OPENTELEMETRY = "opentelemetry"


# What is imported for each, which comes with the extra of the same name.
MONITOR_MODULES = {
    Monitor.DATADOG: ("ddtrace", "datadog"),
    Monitor.OPENTELEMETRY: ("opentelemetry.sdk", "opentelemetry.exporter"),
}


def _text(value: str) -> str:
    return value


def _database_url(value: str) -> str:
    if value.split("://", 1)[0] not in DRIVERS or "://" not in value:
        raise ValueError(f"a URL that begins with {', '.join(d + '://' for d in DRIVERS)}")
    return value


def _prefix(value: str) -> str:
    if not PREFIX_CHARACTERS.issuperset(value):
        raise ValueError("letters, digits and underscores")
    return value


def _zone(value: str) -> str:
    try:
        if value:
            ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("a zone of the IANA list such as Asia/Tokyo or UTC, or empty") from error
    return value


def _file(value: str) -> Path | None:
    return Path(value) if value else None


def _directory(value: str) -> Path | None:
    if not value:
        return None
    path = Path(value)
    if not path.is_dir():
        raise ValueError("an existing directory, or empty")
    return path


def _storage_url(value: str) -> str:
    parts = urlsplit(value)
    named = {"": bool(parts.path), "file": not parts.netloc and len(parts.path) > 1}
    named["s3"] = bool(parts.netloc) and not {*parse_qs(parts.query)} - {"region", "endpoint"}
    if not named.get(parts.scheme):
        raise ValueError("a folder, file:///folder or s3://bucket/prefix?region=eu-west-1")
    return value


def _has_port(parts: SplitResult) -> bool:
    """Whether a URL's port is one, or the usual one is left out."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _mail_url(value: str) -> str:
    parts = urlsplit(value)
    parameters = {*parse_qs(parts.query)}
    named = {"": True, "file": not parts.netloc and len(parts.path) > 1}
    named["smtp"] = bool(parts.hostname) and parameters <= {"tls"}
    named["smtps"] = bool(parts.hostname) and not parameters
    named["ses"] = bool(parts.netloc) and parameters <= {"endpoint", "configuration_set"}
    if not named.get(parts.scheme) or not _has_port(parts):
        raise ValueError(
            "smtp://user:password@host:587, smtps://host, ses://eu-west-1, file:///folder or empty"
        )
    return value


def _site_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise ValueError("an http or https URL, or empty")
    return value if not value or value.endswith("/") else value + "/"


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in value.split(",") if part.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if origin != "*" and (parts.scheme not in ("http", "https") or parts.path):
            raise ValueError("origins such as https://example.org, separated by commas, or *")
    return origins


def _switch(value: str) -> bool:
    try:
        return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
    except KeyError as error:
        raise ValueError("true or false") from error


def _environment(value: str) -> Environment:
    try:
        return Environment(value)
    except ValueError as error:
        raise ValueError("development or production") from error


def _log_format(value: str) -> LogFormat | None:
    try:
        return LogFormat(value) if value else None
    except ValueError as error:
        raise ValueError("text or json, or empty") from error


def _monitor(value: str) -> Monitor:
    try:
        return Monitor(value)
    except ValueError as error:
        raise ValueError("none, datadog or opentelemetry") from error


def _optional_switch(value: str) -> bool | None:
    return _switch(value) if value else None


def _names(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise ValueError("an http or https URL, or empty")
    return value


def _positive(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 10**9:
        raise ValueError("a whole number above 0")
    return int(value)


def _natural(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise ValueError("a whole number, also 0")
    return int(value)


def _matching(pattern: re.Pattern[str], accepted: str) -> Any:
    def parse(value: str) -> str:
        if value and not pattern.fullmatch(value):
            raise ValueError(accepted)
        return value

    return parse


def _some_of(*choices: str) -> Any:
    def parse(value: str) -> tuple[str, ...]:
        if not set(_names(value)).issubset(choices):
            raise ValueError(f"one or more of {', '.join(choices)}, separated by commas")
        return _names(value)

    return parse


def _group_levels(value: str) -> tuple[tuple[str, int], ...]:
    pairs = [part.rpartition("=") for part in _names(value)]
    if any(not group or level not in GROUP_LEVELS for group, _, level in pairs):
        levels = ", ".join(GROUP_LEVELS)
        raise ValueError(f"pairs such as staff=moderator, separated by commas, of {levels}")
    return tuple((group, GROUP_LEVELS[level]) for group, _, level in pairs)


def _networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part) for part in _names(value))
    except ValueError as error:
        raise ValueError(
            "addresses and ranges such as 10.0.0.0/8 or ::1, separated by commas"
        ) from error


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _setting(default: str, parse: Any, about: str) -> Any:
    return field(default=parse(default), metadata={"parse": parse, "about": about})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting; a field's name in capitals is the variable that sets it."""

    database_url: str = _setting(
        "sqlite+aiosqlite:///var/waggle.sqlite", _database_url, "Where the site's tables are."
    )
    database_read_url: str = _setting(
        "", lambda v: v and _database_url(v), "A replica that reads go to; empty: none."
    )
    read_own_writes_seconds: int = _setting(
        "5", _natural, "How long whoever wrote does not read from the replica."
    )
    database_pool_size: int = _setting("10", _positive, "Connections a process keeps at the most.")
    database_prepared_statements: int = _setting(
        "100", _natural, "Statements the server keeps for each connection, with asyncmy."
    )
    database_tls: bool = _setting(
        "false", _switch, "Whether the database has to prove who it is, and nobody listens in."
    )
    database_iam_region: str = _setting(
        "",
        _matching(REGION, "a region such as ap-northeast-1"),
        "The AWS region whose tokens are the database's passwords; empty: the URL's is.",
    )
    database_time_zone: str = _setting(
        "", _zone, "The zone of the tables' DATETIMEs; empty: the database server's own."
    )
    table_prefix: str = _setting("qa_", _prefix, "What q2a's table names begin with.")
    users_table_prefix: str = _setting(
        "", _prefix, "The same for tables shared between sites; empty: TABLE_PREFIX."
    )
    blobs_directory: Path | None = _setting(
        "", _directory, "QA_BLOBS_DIRECTORY of the q2a site; empty: blobs are in the database."
    )
    storage_url: str = _setting(
        "var/uploads", _storage_url, "Where uploads and files outside the database are."
    )
    mail_url: str = _setting(
        "", _mail_url, "How mail is sent; empty: by q2a's options, or to files in development."
    )
    mail_events_topic: str = _setting(
        "",
        _matching(TOPIC, "the ARN of a topic, arn:aws:sns:REGION:ACCOUNT:NAME"),
        "The topic of SNS whose messages about bounces are taken by HTTP; empty: none is.",
    )
    mails_per_second: int = _setting("10", _positive, "The most mails that are sent in a second.")
    site_url: str = _setting("", _site_url, "The site's address; empty: the option site_url.")
    api_url: str = _setting(
        "", _site_url, "Where this API is reached from outside; empty: the site's address."
    )
    environment: Environment = _setting("development", _environment, "What the process is for.")
    cors_origins: tuple[str, ...] = _setting("", _origins, "Origins whose pages may call the API.")
    graphiql: bool = _setting("true", _switch, "Whether /graphql shows GraphiQL to a browser.")
    compiled_execution: bool = _setting(
        "true", _switch, "Whether queries that are sent again are executed by compiled plans."
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = _setting(
        "", _networks, "Proxies whose X-Forwarded-For is believed; empty: none."
    )
    accept_q2a_sessions: bool = _setting(
        "false", _switch, "Whether q2a's cookie qa_session signs its owner in."
    )
    site_cache_seconds: int = _setting(
        "10", _positive, "How long options, categories and profile fields may be out of date."
    )
    viewer_cache_seconds: int = _setting(
        "1", _natural, "How long a signed-in viewer who only reads may be out of date."
    )
    guest_max_age: int = _setting(
        "0", _natural, "How many seconds browsers and CDNs keep a guest's answer to a GET unasked."
    )
    guest_cache_seconds: int = _setting(
        "0", _natural, "How long this process gives guests the same answer; 0: it makes each anew."
    )
    trusted_documents: Path | None = _setting(
        "", _file, "A JSON file of hashes and documents that requests may name; empty: none."
    )
    trusted_documents_only: bool = _setting(
        "false", _switch, "Whether other documents than those are refused."
    )
    max_request_bytes: int = _setting("200000", _positive, "The largest request body accepted.")
    max_upload_bytes: int = _setting("10000000", _positive, "The largest upload accepted.")
    max_tokens: int = _setting("2000", _positive, "The most tokens a document may have.")
    max_depth: int = _setting("20", _positive, "The deepest nesting of fields accepted.")
    max_cost: int = _setting(
        "200000", _positive, "The most fields and rows a document may ask for."
    )
    ignored_words_frequency: int = _setting(
        "10000", _positive, "QA_IGNORED_WORDS_FREQ of the q2a site."
    )
    cognito_region: str = _setting(
        "", _matching(REGION, "a region such as ap-northeast-1"), "The AWS region of the user pool."
    )
    cognito_user_pool_id: str = _setting(
        "",
        _matching(USER_POOL_ID, "the id of a user pool such as ap-northeast-1_AbCdEfGhI"),
        "The user pool whose tokens are accepted.",
    )
    cognito_client_ids: tuple[str, ...] = _setting("", _names, "The app clients that are accepted.")
    cognito_issuer: str = _setting("", _url, "The tokens' issuer; empty: that of the user pool.")
    cognito_jwks_url: str = _setting("", _url, "Where its keys are; empty: the issuer's own place.")
    cognito_token_uses: tuple[str, ...] = _setting(
        "access", _some_of("access", "id"), "Which kinds of tokens are accepted."
    )
    cognito_endpoint: str = _setting("", _url, "Where the pool's API is; empty: in its region.")
    cognito_group_levels: tuple[tuple[str, int], ...] = _setting(
        "", _group_levels, "Groups of the pool that give a level; empty: none does."
    )
    cognito_follow: tuple[str, ...] = _setting(
        "", _some_of("email", "handle"), "What an account takes over when it changes in the pool."
    )
    cognito_trusted_client_ids: tuple[str, ...] = _setting(
        "", _names, "App clients of the site's own servers, believed when they name an address."
    )
    cognito_token_claims: bool = _setting(
        "false", _switch, "Whether Cognito's tokens are to carry the handle and the q2a user id."
    )
    local_issuer: bool | None = _setting(
        "", _optional_switch, "Whether to issue tokens; empty: in development, without Cognito."
    )
    local_issuer_key: Path = _setting(
        "var/local-issuer.pem", Path, "The local issuer's private key, made where it is missing."
    )

    log_requests: bool | None = _setting(
        "", _optional_switch, "Whether each request gets a line in the log; empty: in production."
    )
    log_format: LogFormat | None = _setting(
        "", _log_format, "How lines of the log are written; empty: in production as JSON."
    )
    monitoring: Monitor = _setting("none", _monitor, "Who is sent traces and metrics.")

    def __post_init__(self) -> None:
        urls = (self.database_url, self.database_read_url or self.database_url)
        if self.uses_tls and not all(url.startswith(TLS_DRIVER) for url in urls):
            # Nothing else here would refuse a server that cannot do it.
            raise SettingError("DATABASE_URL", self.database_url, f"{TLS_DRIVER}, to use TLS")
        if self.local_issuer and self.environment is Environment.PRODUCTION:
            raise SettingError("LOCAL_ISSUER", "true", "false or empty where people are real")

    @property
    def uses_tls(self) -> bool:
        """Whether connections to the database are encrypted. A token of AWS never goes without."""
        return self.database_tls or bool(self.database_iam_region)

    def ensure_servable(self) -> None:
        """What single values cannot tell: whether tokens of the user pool can be checked.

        :raises SettingError: if the user pool is set up only in part
        """
        if not (self.cognito_user_pool_id or self.cognito_issuer):
            return
        if not self.cognito_issuer and not self.cognito_region:
            raise SettingError("COGNITO_REGION", "", "the region of the user pool")
        if not self.cognito_client_ids:
            raise SettingError(
                "COGNITO_CLIENT_IDS", "", "the ids of the app clients whose tokens count"
            )

    def ensure_monitored(self) -> None:
        """:raises SettingError: if what MONITORING needs is not installed"""
        modules = MONITOR_MODULES.get(self.monitoring, ())
        if not all(_is_installed(module) for module in modules):
            name = self.monitoring.value
            raise SettingError(
                "MONITORING", name, f"none as long as requirements/{name}.txt is not installed"
            )

    @property
    def logs_requests(self) -> bool:
        """Whether each request gets a line in the log."""
        if self.log_requests is not None:
            return self.log_requests
        return self.environment is Environment.PRODUCTION

    @property
    def logs_json(self) -> bool:
        """Whether the log is for programs rather than for people."""
        if self.log_format is not None:
            return self.log_format is LogFormat.JSON
        return self.environment is Environment.PRODUCTION

    @property
    def uses_local_issuer(self) -> bool:
        """Whether people sign in here with the password of their q2a account. In production never.

        In development they do unless Cognito is set up, or the setting says otherwise.
        """
        if self.environment is Environment.PRODUCTION:
            return False
        if self.local_issuer is not None:
            return self.local_issuer
        return not (self.cognito_user_pool_id or self.cognito_issuer)

    @property
    def storage_is_folder(self) -> bool:
        """Whether files are on this machine, which then takes uploads, and scales pictures."""
        return urlsplit(self.storage_url).scheme != "s3"

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> Self:
        """Read the settings from `environ` (default: the process's), then from `env_file` (`.env`).

        An empty value counts as absent.

        :raises SettingError: if a value cannot be used
        """
        given = os.environ if environ is None else environ
        from_file = _values_in(env_file or Path(".env")) if environ is None or env_file else {}
        values: dict[str, Any] = {}
        for entry in fields(cls):
            name = entry.name.upper()
            text = given.get(name) or from_file.get(name)
            if not text:
                continue
            try:
                values[entry.name] = entry.metadata["parse"](text)
            except ValueError as error:
                raise SettingError(name, text, str(error)) from None
        return cls(**values)


def _values_in(env_file: Path) -> Mapping[str, str | None]:
    if not env_file.exists():
        return {}
    # Lambda has no such file, and starts without this.
    from dotenv import dotenv_values

    return dotenv_values(env_file)
