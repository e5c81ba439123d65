"""The executable schema, and the context that each request runs in."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from starlette.requests import Request
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from app.db import Database
from app.domain.sites import SiteCache
from app.domain.storage import Storage
from app.endpoint.requests import FIELDS, database_of
from app.endpoint.schemas import Schema
from app.endpoint.visitors import Recognize
from app.endpoint.watching import record_of
from resolvers.accepting import AcceptMutation
from resolvers.activity import ActivityQuery
from resolvers.categories import CategoryQuery
from resolvers.closing import CloseMutation
from resolvers.converting import ConvertMutation
from resolvers.deleting import DeleteMutation
from resolvers.editing import EditingMutation
from resolvers.flagging import FlagMutation
from resolvers.following import FollowMutation
from resolvers.hiding import HideMutation
from resolvers.messaging import MessageMutation
from resolvers.moderating import ModerateMutation
from resolvers.moderation import ModerationQuery
from resolvers.nodes import NodeQuery
from resolvers.posting import PostingMutation
from resolvers.profile_editing import ProfileMutation
from resolvers.questions import QuestionQuery
from resolvers.rankings import RankingQuery
from resolvers.search import SearchQuery
from resolvers.sites import SiteQuery
from resolvers.tags import TagQuery
from resolvers.uploading import UploadMutation
from resolvers.users import UserQuery
from resolvers.viewers import ViewerQuery
from resolvers.viewing import ViewMutation
from resolvers.voting import VoteMutation
from schema.answers import Answer
from schema.comments import Comment
from schema.context import Context
from schema.errors import HANDLERS
from schema.questions import Question
from schema.scalars import DATE_TIME
from wingbeat import CompilingExecutor, Plans

QUERIES = (
    NodeQuery,
    QuestionQuery,
    TagQuery,
    CategoryQuery,
    SearchQuery,
    ActivityQuery,
    SiteQuery,
    ModerationQuery,
    UserQuery,
    RankingQuery,
    ViewerQuery,
)
MUTATIONS = (
    PostingMutation,
    EditingMutation,
    VoteMutation,
    FlagMutation,
    FollowMutation,
    ViewMutation,
    ProfileMutation,
    UploadMutation,
    MessageMutation,
    AcceptMutation,
    CloseMutation,
    HideMutation,
    DeleteMutation,
    ConvertMutation,
    ModerateMutation,
)
# The fields that tell a guest something of the guest.
PERSONAL = ("viewer", "rateLimit")


class Executor(CompilingExecutor):
    """Executes this schema, with plans of its own."""

    plans = Plans()


schema = Schema(
    query=merge_types("Query", QUERIES),
    mutation=merge_types("Mutation", MUTATIONS),
    exception_handlers=HANDLERS,
    types=[Question, Answer, Comment],
    execution_context_class=Executor,
    config=StrawberryConfig(scalar_map={datetime: DATE_TIME}),
)


TellCreated = Callable[[str], None]


def context_factory(
    db: Database,
    sites: SiteCache,
    recognize: Recognize,
    storage: Storage,
    tell_created: TellCreated,
    *,
    tell_changed: Callable[[], None] | None = None,
) -> Callable[[Request], Awaitable[Context]]:
    """How the endpoint gets the context of a request.

    :param recognize: says who a request comes from
    :param tell_created: takes the keys of objects that are put into the storage
    :param tell_changed: is called when a write was committed that answers may show
    """

    async def context_of(request: Request) -> Context:
        viewer = await recognize(request)
        record = record_of(request.scope)
        if record is not None:
            record.know_viewer(viewer.id)
        agent = request.headers.get("user-agent", "")
        context = Context(
            database_of(request, db),
            storage,
            sites,
            await sites.get(),
            viewer,
            datetime.now(UTC),
            agent,
            tell_created,
            asked=request.scope.get(FIELDS),
        )
        if tell_changed is not None:
            context.tell_changed = tell_changed
        request.state.cookies = context.cookies
        return context

    return context_of
