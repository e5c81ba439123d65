"""The mailer that the setting MAIL_URL names, or else q2a's own options."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from app.aws.mail_files import FileMailer
from app.aws.ses import SesMailer
from app.aws.smtp import Encryption, SmtpMailer
from app.config import Environment, Settings
from app.domain.mailer import Mailer, Unavailable
from app.domain.options import Options

DEFAULT_FOLDER = Path("var/mail")
PORTS = {Encryption.TLS: 465, Encryption.STARTTLS: 587, Encryption.IF_OFFERED: 25}
# What the option `smtp_secure` may be.
OF_OPTION = {"ssl": Encryption.TLS, "tls": Encryption.STARTTLS}


def mailer_of(settings: Settings, options: Options) -> Mailer:
    """Neither connected to nor even loaded before it is used.

    :raises Unavailable: if neither the setting nor q2a's options say how to send mail, where
        people wait for it
    """
    if settings.mail_url:
        return _by_url(urlsplit(settings.mail_url), settings.mail_url)
    if options.smtp_active and options.smtp_address:
        return _by_options(options)
    if settings.environment is Environment.PRODUCTION:
        raise Unavailable("Set MAIL_URL, see docs/settings.md: nothing says how to send mail.")
    return FileMailer(DEFAULT_FOLDER)


def _by_url(parts: SplitResult, url: str) -> Mailer:
    parameters = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme in ("smtp", "smtps"):
        tls = Encryption.TLS if parts.scheme == "smtps" else Encryption.IF_OFFERED
        if parts.username:
            tls = Encryption.TLS if parts.scheme == "smtps" else Encryption.STARTTLS
        if parameters.get("tls") == "off":
            tls = Encryption.NONE
        return SmtpMailer(
            host=parts.hostname or "",
            port=parts.port or PORTS.get(tls, 25),
            encryption=tls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )
    if parts.scheme == "ses":
        return SesMailer(
            region=parts.netloc,
            endpoint=parameters.get("endpoint", ""),
            configuration_set=parameters.get("configuration_set", ""),
        )
    return FileMailer(Path(unquote(parts.path) if parts.scheme == "file" else url))


def _by_options(options: Options) -> Mailer:
    with_password = options.smtp_authenticate
    return SmtpMailer(
        host=options.smtp_address,
        port=options.smtp_port,
        encryption=OF_OPTION.get(options.smtp_secure, Encryption.IF_OFFERED),
        user=options.smtp_username if with_password else "",
        password=options.smtp_password if with_password else "",
    )
