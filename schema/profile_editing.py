"""What editing one's own profile takes and gives."""

from typing import Annotated

import strawberry

from app.domain.profile_editing import AvatarChoice, Changes, FieldValue
from app.domain.unsubscribing import MailTopic
from schema.enums import expose
from schema.errors import Failure
from schema.viewers import Viewer

expose(
    AvatarChoice,
    description="Which picture of a person is shown.",
    values={
        AvatarChoice.NONE: "The site's own, if it has one.",
        AvatarChoice.GRAVATAR: "The one that gravatar.com knows for the e-mail address.",
        AvatarChoice.UPLOAD: "The one that the person has uploaded.",
    },
)


@strawberry.input(description="What a profile field shall say.")
class ProfileFieldInput:
    name: str = strawberry.field(description="What names the field on this site.")
    value: str = strawberry.field(
        description="Plain text, 8,000 characters at the most; nothing empties the field."
    )


@strawberry.input(description="What to change in the viewer's own profile; the rest stays.")
class UpdateProfileInput:
    handle: str | None = strawberry.field(
        default=None,
        description="The name that others know the viewer by, 20 characters at the most. Some "
        "sites let only those change it who have not posted anything.",
    )
    email: str | None = strawberry.field(
        default=None,
        description="The e-mail address. A new one is not confirmed; sites that want it to be "
        "send a mail there.",
    )
    fields: list[ProfileFieldInput] | None = strawberry.field(
        default=None, description="Fields of the profile; others stay as they are."
    )
    avatar: AvatarChoice | None = strawberry.field(
        default=None, description="Which picture is shown."
    )
    accepts_messages: bool | None = strawberry.field(
        default=None, description="Whether others may write to the viewer."
    )
    accepts_wall_posts: bool | None = strawberry.field(
        default=None, description="Whether others may write on the viewer's wall."
    )
    accepts_mailings: bool | None = strawberry.field(
        default=None, description="Whether the viewer gets what the site writes to all."
    )
    wants_digest: bool | None = strawberry.field(
        default=None,
        description="Whether the viewer gets a mail with the best questions of each week; none "
        "comes while `acceptsMailings` is false.",
    )

    wants_wall_mails: bool | None = strawberry.field(
        default=None, description="Whether a mail tells the viewer of posts on their wall."
    )
    wants_message_mails: bool | None = strawberry.field(
        default=None, description="Whether private messages come by mail, too."
    )

    def changes(self) -> Changes:
        return Changes(
            handle=self.handle,
            email=self.email,
            fields=tuple(FieldValue(field.name, field.value) for field in self.fields or ()),
            avatar=self.avatar,
            accepts_messages=self.accepts_messages,
            accepts_wall_posts=self.accepts_wall_posts,
            accepts_mailings=self.accepts_mailings,
            wants_digest=self.wants_digest,
            mails={
                MailTopic.WALL: self.wants_wall_mails,
                MailTopic.MESSAGES: self.wants_message_mails,
            },
        )


@strawberry.type(description="The profile is changed.")
class UpdateProfileSuccess:
    viewer: Viewer = strawberry.field(description="The viewer as they are now.")


UpdateProfileResult = Annotated[
    UpdateProfileSuccess | Failure,
    strawberry.union("UpdateProfileResult", description="The viewer, or why nothing changed."),
]
