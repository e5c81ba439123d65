"""Settings: where they come from, what they accept, and that each is documented."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.config import Environment, SettingError, Settings

DOCUMENTED = (Path(__file__).parent.parent / "docs" / "settings.md").read_text()


@pytest.mark.parametrize("name", [entry.name.upper() for entry in fields(Settings)])
def test_every_setting_is_documented(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", DOCUMENTED, re.MULTILINE)


def test_every_documented_setting_exists() -> None:
    documented = re.findall(r"^\| `([A-Z_0-9]+)` \|", DOCUMENTED, re.MULTILINE)
    assert sorted(documented) == sorted(entry.name.upper() for entry in fields(Settings))


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("TABLE_PREFIX=from_file_\nSITE_URL=https://bees.example\n")

    settings = Settings.load({"TABLE_PREFIX": "given_"}, env_file)

    assert settings.table_prefix == "given_"
    assert settings.site_url == "https://bees.example/"


def test_an_empty_value_means_the_default() -> None:
    assert Settings.load({"ENVIRONMENT": "", "TABLE_PREFIX": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("DATABASE_URL", "postgresql://host/db", "mysql+aiomysql://"),
        ("DATABASE_URL", "nonsense", "mysql+aiomysql://"),
        ("DATABASE_READ_URL", "mysql://host/db", "mysql+aiomysql://"),
        ("DATABASE_TIME_ZONE", "Mars/Olympus", "Asia/Tokyo"),
        ("DATABASE_TIME_ZONE", "../etc/passwd", "Asia/Tokyo"),
        ("TABLE_PREFIX", "qa_`; DROP", "letters"),
        ("USERS_TABLE_PREFIX", "a-b", "letters"),
        ("BLOBS_DIRECTORY", "/there/is/none", "existing directory"),
        ("MAIL_EVENTS_TOPIC", "arn:aws:sqs:eu-west-1:123456789012:q", "ARN of a topic"),
        ("MAIL_URL", "sendmail://host", "smtps://host"),
        ("MAIL_URL", "smtp://", "smtps://host"),
        ("MAIL_URL", "smtp://host:70000", "smtps://host"),
        ("MAIL_URL", "smtps://host?tls=off", "smtps://host"),
        ("MAIL_URL", "ses://", "ses://eu-west-1"),
        ("STORAGE_URL", "ftp://bees.example/files", "s3://bucket"),
        ("STORAGE_URL", "s3:///prefix", "s3://bucket"),
        ("STORAGE_URL", "s3://bucket?key=secret", "s3://bucket"),
        ("STORAGE_URL", "file://host/folder", "file:///folder"),
        ("SITE_URL", "ftp://bees.example", "http"),
        ("ENVIRONMENT", "staging", "development or production"),
        ("CORS_ORIGINS", "https://a.example/path", "origins"),
        ("GRAPHIQL", "perhaps", "true or false"),
        ("MAX_TOKENS", "0", "above 0"),
        ("MAX_COST", "-5", "above 0"),
        ("MAX_DEPTH", "٣", "above 0"),
        ("VIEWER_CACHE_SECONDS", "-1", "also 0"),
        ("VIEWER_CACHE_SECONDS", "1.5", "also 0"),
        ("COGNITO_REGION", "Tokyo", "ap-northeast-1"),
        ("COGNITO_USER_POOL_ID", "../etc", "user pool"),
        ("COGNITO_ISSUER", "cognito", "http"),
        ("COGNITO_TOKEN_USES", "refresh", "access, id"),
        ("COGNITO_GROUP_LEVELS", "staff=owner", "moderator"),
        ("COGNITO_GROUP_LEVELS", "=admin", "moderator"),
        ("COGNITO_FOLLOW", "phone", "email, handle"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "10.0.0.0/8"),
        ("TRUSTED_PROXIES", "localhost", "ranges"),
        ("MONITORING", "prometheus", "none, datadog or opentelemetry"),
        ("LOG_FORMAT", "xml", "text or json"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_accepted(name: str, value: str, accepted: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings.load({name: value})

    message = str(caught.value)
    assert message.startswith(f"{name}=")
    assert accepted in message
    assert "\n" not in message


def test_a_password_is_not_repeated_in_the_message() -> None:
    with pytest.raises(SettingError) as caught:
        Settings.load({"DATABASE_URL": "postgresql://bee:sting@host/db"})
    assert "sting" not in str(caught.value)


def test_production_is_an_environment() -> None:
    settings = Settings.load({"ENVIRONMENT": "production"})
    assert settings.environment is Environment.PRODUCTION


POOL = {"COGNITO_USER_POOL_ID": "eu-west-1_A"}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (POOL, "COGNITO_REGION"),
        (POOL | {"COGNITO_REGION": "eu-west-1"}, "COGNITO_CLIENT_IDS"),
        ({"COGNITO_ISSUER": "http://127.0.0.1:9229/pool"}, "COGNITO_CLIENT_IDS"),
    ],
)
def test_half_a_user_pool_cannot_be_served(given: dict[str, str], missing: str) -> None:
    settings = Settings.load(given)
    with pytest.raises(SettingError, match=f"^{missing}="):
        settings.ensure_servable()


def test_a_whole_user_pool_or_none_can_be_served() -> None:
    whole = POOL | {"COGNITO_REGION": "eu-west-1", "COGNITO_CLIENT_IDS": "app"}
    Settings.load(whole).ensure_servable()
    Settings.load({}).ensure_servable()
