"""The site: what its owner has set up, as far as everybody may know."""

from enum import Enum

import strawberry

from app.domain import custom_pages
from app.domain.permits import Permit, permit_denial
from schema.context import Info
from schema.custom_pages import CustomPage
from schema.enums import expose
from schema.rules import (
    AnswerRules,
    AskRules,
    CommentRules,
    MemberRules,
    PageSizes,
    UploadRules,
    VoteRules,
)

DEFAULT_LANGUAGE = "en"


class TextDirection(Enum):
    LTR = "ltr"
    RTL = "rtl"


expose(
    TextDirection,
    description="Which way the site's language is written.",
    values={TextDirection.LTR: "Left to right.", TextDirection.RTL: "Right to left."},
)


@strawberry.type(description="The site. Counters are those that the site keeps itself.")
class Site:
    @strawberry.field(description="Its name.")
    def title(self, info: Info) -> str:
        return info.context.site.title

    @strawberry.field(description="Where q2a shows it.")
    def url(self, info: Info) -> str:
        return info.context.site.url

    @strawberry.field(description="The code of its language, such as `en` or `ja`.")
    def language(self, info: Info) -> str:
        return info.context.options.site_language or DEFAULT_LANGUAGE

    @strawberry.field(description="Which way its language is written.")
    def text_direction(self, info: Info) -> TextDirection:
        is_rtl = info.context.options.site_text_direction == TextDirection.RTL.value
        return TextDirection.RTL if is_rtl else TextDirection.LTR

    @strawberry.field(description="What search engines are told of it; empty if nothing.")
    def description(self, info: Info) -> str:
        return info.context.options.home_description

    @strawberry.field(
        description="Whether only administrators may use it at present: nobody else reads "
        "contents or changes anything."
    )
    def is_in_maintenance(self, info: Info) -> bool:
        return info.context.options.site_maintenance

    @strawberry.field(description="Whether questions have tags.")
    def uses_tags(self, info: Info) -> bool:
        return info.context.options.uses_tags

    @strawberry.field(description="Whether questions are in categories.")
    def uses_categories(self, info: Info) -> bool:
        return info.context.options.uses_categories

    @strawberry.field(description="Visible questions.")
    async def question_count(self, info: Info) -> int:
        return await _counter(info, "question_count")

    @strawberry.field(description="Visible answers, also those to hidden questions.")
    async def answer_count(self, info: Info) -> int:
        return await _counter(info, "answer_count")

    @strawberry.field(description="Visible comments, also those on hidden posts.")
    async def comment_count(self, info: Info) -> int:
        return await _counter(info, "comment_count")

    @strawberry.field(description="Accounts.")
    async def user_count(self, info: Info) -> int:
        return await _counter(info, "user_count")

    @strawberry.field(description="Tags that visible questions carry.")
    async def tag_count(self, info: Info) -> int:
        return await _counter(info, "tag_count")

    @strawberry.field(description="Open questions without an answer.")
    async def unanswered_count(self, info: Info) -> int:
        return await _counter(info, "unanswered_count")

    @strawberry.field(description="Open questions without an accepted answer.")
    async def unaccepted_count(self, info: Info) -> int:
        return await _counter(info, "unaccepted_count")

    @strawberry.field(description="Open questions without an answer with a score above 0.")
    async def unupvoted_count(self, info: Info) -> int:
        return await _counter(info, "unupvoted_count")

    @strawberry.field(description="What a question has to be like.")
    def asking(self, info: Info) -> AskRules:
        return AskRules.of(info.context.options)

    @strawberry.field(description="What an answer has to be like.")
    def answering(self, info: Info) -> AnswerRules:
        return AnswerRules.of(info.context.options)

    @strawberry.field(description="What a comment has to be like.")
    def commenting(self, info: Info) -> CommentRules:
        return CommentRules.of(info.context.options)

    @strawberry.field(description="What can be voted on, and how votes are shown.")
    def voting(self, info: Info) -> VoteRules:
        return VoteRules.of(info.context.options)

    @strawberry.field(description="What members may do and have to do.")
    def members(self, info: Info) -> MemberRules:
        return MemberRules.of(info.context.options)

    @strawberry.field(description="How much the pages of the site show at once.")
    def page_sizes(self, info: Info) -> PageSizes:
        return PageSizes.of(info.context.options)

    @strawberry.field(description="What pictures may be uploaded.")
    def uploading(self, info: Info) -> UploadRules:
        limit = info.context.db.settings.max_upload_bytes
        return UploadRules.of(info.context.options, limit=limit)

    @strawberry.field(
        description="Pages and links that the owner has added, those that the viewer may see."
    )
    async def pages(self, info: Info) -> list[CustomPage]:
        context = info.context
        async with context.db.read() as connection:
            found = await custom_pages.seen_by(
                connection, viewer=context.viewer, options=context.options
            )
        return [CustomPage.of(page) for page in found]

    @strawberry.field(description="Whether the viewer may ask questions.")
    def viewer_can_ask(self, info: Info) -> bool:
        context = info.context
        return not permit_denial(context.viewer, context.options, Permit.POST_Q)

    @strawberry.field(
        description="Whether the viewer may approve and reject posts, if only in some categories."
    )
    def viewer_can_moderate(self, info: Info) -> bool:
        context = info.context
        return bool(context.sight.queued)


async def _counter(info: Info, name: str) -> int:
    return await info.context.loaders.site_counter.load(name)
