"""What editing, rolling back and claiming take and give."""

from typing import Annotated

import strawberry

from app.domain.errors import Invalid
from app.domain.wordings import Changes
from schema import nodes
from schema.answers import Answer
from schema.comments import Comment
from schema.errors import Failure
from schema.formats import ContentFormat
from schema.posting import CONTENT, category_named
from schema.posts import Post
from schema.questions import Question

FORMAT = "How `content` is written; without it, plain text stays plain and HTML stays HTML."
NOTIFY = "Whether its author, who alone may say so, gets mails about what comes of it."
NOTIFY_EMAIL = "Where the mails go, if not to the account's address; together with `notify`."
SILENT = "Leave no trace of the edit, where the viewer may do so."
EXPECTED_VERSION = (
    "The `version` that the client has seen. If the post is another one by now, nothing is "
    "changed, and the answer is a Conflict."
)


@strawberry.input(description="Changes of a question; what is not given stays as it is.")
class EditQuestionInput:
    id: strawberry.ID = strawberry.field(description="The global id of the question.")
    title: str | None = strawberry.field(default=None, description="The new title.")
    content: str | None = strawberry.field(default=None, description=CONTENT)
    content_format: ContentFormat | None = strawberry.field(default=None, description=FORMAT)
    tags: list[str] | None = strawberry.field(
        default=None, description="All tags; for this and `category` there is a right of its own."
    )
    category: str | None = strawberry.field(
        default=None,
        description="The category: its slugs from the top joined by `/`, or its global id; an "
        "empty text for none.",
    )
    extra: str | None = strawberry.field(
        default=None, description="What the site's extra field asks for; an empty text for nothing."
    )
    notify: bool | None = strawberry.field(default=None, description=NOTIFY)
    notify_email: str | None = strawberry.field(default=None, description=NOTIFY_EMAIL)
    silent: bool = strawberry.field(default=False, description=SILENT)
    expected_version: str | None = strawberry.field(default=None, description=EXPECTED_VERSION)

    def changes(self) -> Changes:
        """:raises Invalid: if an id is not that of a category"""
        return Changes(
            title=self.title,
            content=self.content,
            format=self.content_format,
            tags=None if self.tags is None else tuple(self.tags),
            category=category_named(self.category),
            extra=self.extra,
            notify=self.notify,
            notify_email=self.notify_email,
            silent=self.silent,
            expected_version=self.expected_version,
        )


@strawberry.input(description="Changes of an answer; what is not given stays as it is.")
class EditAnswerInput:
    id: strawberry.ID = strawberry.field(description="The global id of the answer.")
    content: str | None = strawberry.field(default=None, description=CONTENT)
    content_format: ContentFormat | None = strawberry.field(default=None, description=FORMAT)
    notify: bool | None = strawberry.field(default=None, description=NOTIFY)
    notify_email: str | None = strawberry.field(default=None, description=NOTIFY_EMAIL)
    silent: bool = strawberry.field(default=False, description=SILENT)
    expected_version: str | None = strawberry.field(default=None, description=EXPECTED_VERSION)

    def changes(self) -> Changes:
        return _changes(self)


@strawberry.input(description="Changes of a comment; what is not given stays as it is.")
class EditCommentInput:
    id: strawberry.ID = strawberry.field(description="The global id of the comment.")
    content: str | None = strawberry.field(default=None, description=CONTENT)
    content_format: ContentFormat | None = strawberry.field(default=None, description=FORMAT)
    notify: bool | None = strawberry.field(default=None, description=NOTIFY)
    notify_email: str | None = strawberry.field(default=None, description=NOTIFY_EMAIL)
    silent: bool = strawberry.field(default=False, description=SILENT)
    expected_version: str | None = strawberry.field(default=None, description=EXPECTED_VERSION)

    def changes(self) -> Changes:
        return _changes(self)


def _changes(input: EditAnswerInput | EditCommentInput) -> Changes:
    return Changes(
        content=input.content,
        format=input.content_format,
        notify=input.notify,
        notify_email=input.notify_email,
        silent=input.silent,
        expected_version=input.expected_version,
    )


@strawberry.input(description="A post, and what it is to say again.")
class RollbackToInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")
    revision_id: strawberry.ID = strawberry.field(
        description="The id of one of its `revisions`; its title, content, tags and category come "
        "back."
    )

    def revision(self) -> int:
        """:raises Invalid: if the id is not that of a revision"""
        named = nodes.decode(self.revision_id)
        if named is None or named.type != "Revision":
            raise Invalid("revisionId", f"{self.revision_id!r} is not the id of a revision.")
        return named.key


@strawberry.input(description="A post to claim.")
class ClaimPostInput:
    id: strawberry.ID = strawberry.field(description="The global id of the post.")


@strawberry.type(description="The question is as it was wanted.")
class EditQuestionSuccess:
    question: Question = strawberry.field(
        description="The question as it is now; it may have to wait for a moderator again."
    )


@strawberry.type(description="The answer is as it was wanted.")
class EditAnswerSuccess:
    answer: Answer = strawberry.field(
        description="The answer as it is now; it may have to wait for a moderator again."
    )


@strawberry.type(description="The comment is as it was wanted.")
class EditCommentSuccess:
    comment: Comment = strawberry.field(
        description="The comment as it is now; it may have to wait for a moderator again."
    )


@strawberry.type(description="The post says again what it said.")
class RollbackToSuccess:
    post: Post = strawberry.field(description="The post as it is now.")


@strawberry.type(description="The post is the viewer's own.")
class ClaimPostSuccess:
    post: Post = strawberry.field(description="The post as it is now.")


EditQuestionResult = Annotated[
    EditQuestionSuccess | Failure,
    strawberry.union("EditQuestionResult", description="The question, or why it is unchanged."),
]
EditAnswerResult = Annotated[
    EditAnswerSuccess | Failure,
    strawberry.union("EditAnswerResult", description="The answer, or why it is unchanged."),
]
EditCommentResult = Annotated[
    EditCommentSuccess | Failure,
    strawberry.union("EditCommentResult", description="The comment, or why it is unchanged."),
]
RollbackToResult = Annotated[
    RollbackToSuccess | Failure,
    strawberry.union("RollbackToResult", description="The post, or why it is unchanged."),
]
ClaimPostResult = Annotated[
    ClaimPostSuccess | Failure,
    strawberry.union("ClaimPostResult", description="The post, or why it is not the viewer's."),
]
