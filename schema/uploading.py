"""What uploading pictures takes and gives."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from app.domain import slugs
from app.domain.errors import Invalid
from app.domain.guests import LARGEST
from app.domain.storage import UploadForm
from app.domain.uploading import MEDIA_TYPES, Requested, Wish
from app.domain.uploads import UploadPurpose, UploadRow
from schema.context import Context
from schema.enums import expose
from schema.errors import Failure
from schema.viewers import Viewer

expose(
    UploadPurpose,
    description="What a picture is for.",
    values={
        UploadPurpose.AVATAR: "To show the viewer.",
        UploadPurpose.CONTENT: "To stand in a question, an answer or a comment.",
    },
)


@strawberry.input(description="A picture that the viewer wants to upload.")
class RequestUploadInput:
    filename: str = strawberry.field(
        description="The file's name, 255 characters at the most; what it says of the type does "
        "not count."
    )
    content_type: str = strawberry.field(
        description="`image/jpeg`, `image/png`, `image/gif` or `image/webp`."
    )
    size: int = strawberry.field(description="The file's size in bytes.")
    purpose: UploadPurpose = strawberry.field(description="What the picture is for.")

    def wish(self) -> Wish:
        return Wish(self.filename, self.content_type, self.size, self.purpose)


@strawberry.type(description="A field of a form.")
class UploadField:
    name: str = strawberry.field(description="The field's name.")
    value: str = strawberry.field(description="What to send in it.")


@strawberry.type(
    description="The upload may begin: send `fields`, in this order, and last the file as `file`, "
    "as `multipart/form-data` by POST to `url`. Then call `confirmUpload`."
)
class RequestUploadSuccess:
    upload_id: strawberry.ID = strawberry.field(description="What names the upload from now on.")
    url: str = strawberry.field(
        description="Where to send the form; without a host it is one of this API's own."
    )
    fields: list[UploadField] = strawberry.field(description="What goes with the file.")
    expires_at: datetime = strawberry.field(description="Until when the form may be sent.")

    @classmethod
    def of(cls, requested: Requested, form: UploadForm) -> Self:
        return cls(
            upload_id=strawberry.ID(str(requested.upload.blob_id)),
            url=form.url,
            fields=[UploadField(name=name, value=value) for name, value in form.fields.items()],
            expires_at=requested.expires_at,
        )


RequestUploadResult = Annotated[
    RequestUploadSuccess | Failure,
    strawberry.union("RequestUploadResult", description="The form, or why there is none."),
]


@strawberry.input(description="An upload whose file was sent.")
class ConfirmUploadInput:
    upload_id: strawberry.ID = strawberry.field(description="What `requestUpload` has called it.")


@strawberry.type(description="A picture that was uploaded: upright, and without metadata.")
class Upload:
    id: strawberry.ID = strawberry.field(description="What names the upload.")
    url: str = strawberry.field(
        description="The address to embed in a content: `<img src>` in HTML, `![](...)` in "
        "Markdown."
    )
    width: int = strawberry.field(description="Pixels from left to right.")
    height: int = strawberry.field(description="Pixels from top to bottom.")
    content_type: str = strawberry.field(
        description="The media type that it has now, which may be another than it was sent as."
    )

    @classmethod
    def of(cls, context: Context, row: UploadRow) -> Self:
        return cls(
            id=strawberry.ID(str(row.blob_id)),
            url=slugs.absolute(context.site.url, slugs.blob_path(row.blob_id)),
            width=row.width or 0,
            height=row.height or 0,
            content_type=MEDIA_TYPES[row.format or "png"],
        )


@strawberry.type(description="The picture can be used.")
class ConfirmUploadSuccess:
    upload: Upload = strawberry.field(description="The picture.")


ConfirmUploadResult = Annotated[
    ConfirmUploadSuccess | Failure,
    strawberry.union("ConfirmUploadResult", description="The picture, or why it was not accepted."),
]


@strawberry.input(description="Which picture shall show the viewer.")
class SetAvatarInput:
    upload_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="A confirmed upload with the purpose AVATAR; without one, the picture that "
        "there is is deleted.",
    )


@strawberry.type(description="The picture is changed, or gone.")
class SetAvatarSuccess:
    viewer: Viewer = strawberry.field(description="The viewer as they are now.")


SetAvatarResult = Annotated[
    SetAvatarSuccess | Failure,
    strawberry.union("SetAvatarResult", description="The viewer, or why nothing changed."),
]


def upload_named(id: str) -> int:
    """The number of the upload that an id names.

    :raises Invalid: if it is no such id
    """
    if not (id.isascii() and id.isdecimal() and len(id) <= 20 and int(id) <= LARGEST):
        raise Invalid("uploadId", "This is not the id of an upload.")
    return int(id)
