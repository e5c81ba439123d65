"""The running application: `app` for any ASGI server, `handler` for AWS Lambda.

Both are made when they are first asked for; importing this module reads and connects to nothing.
"""

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Route

from app import spare_the_collector
from app.api import PERSONAL, Executor, context_factory, schema
from app.aws.storage import storage_of
from app.config import Settings
from app.db import Database
from app.domain.sites import SiteCache
from app.domain.storage import Storage
from app.endpoint.guests import GuestAnswers
from app.endpoint.server import build
from app.endpoint.unsubscribing import UnsubscribeEndpoint
from app.endpoint.visitors import Identify, recognizing, visitors_of
from app.examples import EXAMPLES
from app.local_events import LocalEvents
from app.monitoring import monitoring_of

if TYPE_CHECKING:
    from mangum import Mangum

    from app.auth.issuer import LocalIssuer
    from app.endpoint.tokens import TokenEndpoint

# In seconds. A server waits for a row that somebody else has locked for 50 by itself.
LONGEST_STATEMENT = 60.0


def create_app(settings: Settings | None = None, *, identify: Identify | None = None) -> Starlette:
    """The application of one site.

    :param settings: by default read from the environment and `.env`
    :param identify: who a request comes from; by default what its token or its cookies say
    :raises SettingError: if a setting has a value that cannot be used
    """
    settings = settings or Settings.load()
    settings.ensure_monitored()
    Executor.plans.enabled = settings.compiled_execution
    db = Database(settings, longest=LONGEST_STATEMENT)
    monitoring = monitoring_of(settings)
    if monitoring is not None:
        db.tell(monitoring)
    sites = SiteCache(db)
    storage = storage_of(settings)
    events = LocalEvents(db)
    issuer = _local_issuer(settings)
    visitors = visitors_of(db, sites, issuer=issuer)
    recognize = recognizing(db, identify) if identify else visitors.viewer
    guests = None if identify else GuestAnswers(settings, visitors.is_anybody, personal=PERSONAL)
    tell_changed = guests.forget if guests else None
    application = build(
        schema,
        make_context=context_factory(
            db, sites, recognize, storage, events.created, tell_changed=tell_changed
        ),
        guests=guests,
        db=db,
        settings=settings,
        storage=storage,
        queries=EXAMPLES,
        tokens=_token_endpoint(db, sites, issuer) if issuer else None,
        routes_for_people=[
            UnsubscribeEndpoint(db, sites).route(),
            *_upload_routes(db, storage),
            *_mail_events(db),
        ],
        at_end=events.over,
        monitoring=monitoring,
    )
    application.state.db = db
    application.state.storage = storage
    application.state.events = events
    return application


def _local_issuer(settings: Settings) -> "LocalIssuer | None":
    if not settings.uses_local_issuer:
        return None
    # Not even loaded where people are real.
    from app.auth.issuer import LocalIssuer

    return LocalIssuer(settings.local_issuer_key)


def _upload_routes(db: Database, storage: Storage) -> list[Route]:
    if not db.settings.storage_is_folder:
        # S3 takes uploads itself.
        return []
    from app.aws.local_storage import LocalStorage
    from app.endpoint.uploads import UploadEndpoint

    assert isinstance(storage, LocalStorage)
    return [UploadEndpoint(db, storage).route()]


def _token_endpoint(db: Database, sites: SiteCache, issuer: "LocalIssuer") -> "TokenEndpoint":
    from app.auth.local import LocalSignIn
    from app.endpoint.tokens import TokenEndpoint

    return TokenEndpoint(LocalSignIn(db, sites, issuer))


def _mail_events(db: Database) -> list[Route]:
    if not db.settings.mail_events_topic:
        return []
    from app.aws.sns import SnsGate
    from app.endpoint.mail_events import MailEventsEndpoint

    return [MailEventsEndpoint(db, SnsGate(db.settings.mail_events_topic)).route()]


def create_handler(app: Starlette) -> "Mangum":
    """The Lambda function that answers API Gateway's events with `app`."""
    from mangum import Mangum
    from mangum.adapter import DEFAULT_TEXT_MIME_TYPES

    # Looking for garbage first would take a tenth of the start.
    spare_the_collector()
    # Mangum would run a lifespan around every event: connections have to outlive them.
    return Mangum(
        app,
        lifespan="off",
        text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, "application/graphql-response+json"],
    )


def __getattr__(name: str) -> Any:
    """Make `app` or `handler`, once. Lambda asks when it loads the module, at no charge."""
    if name == "app":
        made: Any = create_app()
    elif name == "handler":
        made = create_handler(create_app())
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = made
    return made
