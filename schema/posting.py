"""What asking, answering and commenting take and give."""

from typing import Annotated

import strawberry

from app.domain.drafts import Draft, QuestionDraft
from app.domain.errors import Invalid
from app.models import PostKind
from schema import nodes
from schema.answers import Answer
from schema.comments import Comment
from schema.errors import Failure
from schema.formats import ContentFormat
from schema.kinds import post_named
from schema.questions import Question

CONTENT = "The content, 12,000 characters at the most."
FORMAT = (
    "How the content is written. HTML is cleaned; Markdown (CommonMark, tables, strikethrough) "
    "is made into HTML."
)
NOTIFY = (
    "Whether the author gets mails about what comes of it: at the account's address, unless "
    "`notifyEmail` names another."
)
NOTIFY_EMAIL = "Where the mails go; guests have to name an address."
AUTHOR_NAME = "What a guest wants to be called, where the site lets guests have names."
KEY = (
    "Any text of 1 to 200 characters that the client has not used before, such as a UUID. The "
    "same request with the same key gives the first result again and posts nothing twice. The "
    "first key of a guest has at least 16 characters."
)
QUEUED = "Whether it waits for a moderator; until then only its author and moderators see it."


@strawberry.input(
    description="A question to ask. Captchas, which the site may ask guests for on its pages, "
    "are not asked for here: limits and moderation are what keeps robots off."
)
class AskQuestionInput:
    title: str = strawberry.field(description="The title: one line.")
    content: str = strawberry.field(description=CONTENT)
    content_format: ContentFormat = strawberry.field(
        default=ContentFormat.PLAIN, description=FORMAT
    )
    category: str | None = strawberry.field(
        default=None,
        description="The category: its slugs from the top joined by `/`, or its global id.",
    )
    tags: list[str] | None = strawberry.field(
        default=None,
        description="Tags. They are split by the site's rule: unless commas separate tags "
        "(`asking.tagSeparator` of the site), `queen bee` makes two.",
    )
    extra: str | None = strawberry.field(
        default=None, description="What the site's extra field asks for."
    )
    notify: bool = strawberry.field(default=False, description=NOTIFY)
    notify_email: str | None = strawberry.field(default=None, description=NOTIFY_EMAIL)
    author_name: str | None = strawberry.field(default=None, description=AUTHOR_NAME)
    follows_answer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The global id of the answer that the question follows on from."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)

    def draft(self) -> QuestionDraft:
        """:raises Invalid: if an id is not one of an answer or a category"""
        followed = self.follows_answer_id
        answer_id = (
            None
            if followed is None
            else post_named(followed, field="followsAnswerId", kind=PostKind.ANSWER).id
        )
        return QuestionDraft(
            content=self.content,
            format=self.content_format,
            notify=self.notify,
            notify_email=self.notify_email,
            author_name=self.author_name,
            title=self.title,
            tags=tuple(self.tags or ()),
            category=category_named(self.category),
            extra=self.extra,
            follows_answer_id=answer_id,
        )


@strawberry.input(description="An answer to a question.")
class AnswerQuestionInput:
    question_id: strawberry.ID = strawberry.field(description="The global id of the question.")
    content: str = strawberry.field(description=CONTENT)
    content_format: ContentFormat = strawberry.field(
        default=ContentFormat.PLAIN, description=FORMAT
    )
    notify: bool = strawberry.field(default=False, description=NOTIFY)
    notify_email: str | None = strawberry.field(default=None, description=NOTIFY_EMAIL)
    author_name: str | None = strawberry.field(default=None, description=AUTHOR_NAME)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)

    def draft(self) -> Draft:
        return _reply(self)


@strawberry.input(description="A comment on a question or an answer.")
class AddCommentInput:
    parent_id: strawberry.ID = strawberry.field(
        description="The global id of the question or answer."
    )
    content: str = strawberry.field(description=CONTENT)
    content_format: ContentFormat = strawberry.field(
        default=ContentFormat.PLAIN, description=FORMAT
    )
    notify: bool = strawberry.field(default=False, description=NOTIFY)
    notify_email: str | None = strawberry.field(default=None, description=NOTIFY_EMAIL)
    author_name: str | None = strawberry.field(default=None, description=AUTHOR_NAME)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)

    def draft(self) -> Draft:
        return _reply(self)


def _reply(input: AnswerQuestionInput | AddCommentInput) -> Draft:
    return Draft(
        content=input.content,
        format=input.content_format,
        notify=input.notify,
        notify_email=input.notify_email,
        author_name=input.author_name,
    )


def category_named(category: str | None) -> int | str | None:
    """The number in a category's global id, or the path as it was given.

    :raises Invalid: if it is the global id of something else
    """
    named = nodes.decode(category) if category else None
    if named is None:
        return category
    if named.type != "Category":
        raise Invalid("category", f"{category!r} is not the global id of a category.")
    return named.key


@strawberry.type(description="The question is asked.")
class AskQuestionSuccess:
    question: Question = strawberry.field(description="The new question.")
    is_queued: bool = strawberry.field(description=QUEUED)


@strawberry.type(description="The answer is posted.")
class AnswerQuestionSuccess:
    answer: Answer = strawberry.field(description="The new answer.")
    is_queued: bool = strawberry.field(description=QUEUED)


@strawberry.type(description="The comment is posted.")
class AddCommentSuccess:
    comment: Comment = strawberry.field(description="The new comment.")
    is_queued: bool = strawberry.field(description=QUEUED)


AskQuestionResult = Annotated[
    AskQuestionSuccess | Failure,
    strawberry.union("AskQuestionResult", description="The question, or why there is none."),
]
AnswerQuestionResult = Annotated[
    AnswerQuestionSuccess | Failure,
    strawberry.union("AnswerQuestionResult", description="The answer, or why there is none."),
]
AddCommentResult = Annotated[
    AddCommentSuccess | Failure,
    strawberry.union("AddCommentResult", description="The comment, or why there is none."),
]
