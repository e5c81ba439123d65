"""Uploading pictures, and showing one as oneself."""

from typing import Annotated

import strawberry

from app.domain import avatars, uploading, uploads
from app.domain.errors import Invalid
from app.domain.storage import blob_key
from app.domain.uploads import UploadRow
from schema.context import Context, Info
from schema.uploading import (
    ConfirmUploadInput,
    ConfirmUploadResult,
    ConfirmUploadSuccess,
    RequestUploadInput,
    RequestUploadResult,
    RequestUploadSuccess,
    SetAvatarInput,
    SetAvatarResult,
    SetAvatarSuccess,
    Upload,
    upload_named,
)
from schema.viewers import Viewer


@strawberry.type
class UploadMutation:
    @strawberry.mutation(
        description="Ask to upload a picture. Guests may for contents, where they may write any. "
        "The file is then sent to the `url` of the answer, and confirmed by `confirmUpload`."
    )
    async def request_upload(
        self,
        info: Info,
        input: Annotated[RequestUploadInput, strawberry.argument(description="The picture.")],
    ) -> RequestUploadResult:
        context, limit = info.context, info.context.db.settings.max_upload_bytes
        requested = await context.write(
            lambda connection, writer: uploading.request(
                connection, writer=writer, wish=input.wish(), limit=limit
            )
        )
        if requested.cookie_id is not None:
            context.know_guest(requested.cookie_id)
        form = await uploading.form_of(context.storage, requested)
        return RequestUploadSuccess.of(requested, form)

    @strawberry.mutation(
        description="Have a picture that was uploaded looked at, and stored for good. It may be "
        "repeated: the answer is the same."
    )
    async def confirm_upload(
        self,
        info: Info,
        input: Annotated[ConfirmUploadInput, strawberry.argument(description="The upload.")],
    ) -> ConfirmUploadResult:
        context, blob_id = info.context, upload_named(input.upload_id)
        upload = await context.write(
            lambda connection, writer: uploading.attempt(connection, writer=writer, blob_id=blob_id)
        )
        if upload.confirmed_at is None:
            upload = await _confirmed(context, upload)
        return ConfirmUploadSuccess(upload=Upload.of(context, upload))

    @strawberry.mutation(
        description="Show a picture that was uploaded as the viewer's own, in place of the one "
        "before, which is deleted."
    )
    async def set_avatar(
        self,
        info: Info,
        input: Annotated[SetAvatarInput, strawberry.argument(description="The picture.")],
    ) -> SetAvatarResult:
        context = info.context
        blob_id = upload_named(input.upload_id) if input.upload_id is not None else None
        account = await context.write(
            lambda connection, writer: (
                avatars.remove_avatar(connection, writer=writer)
                if blob_id is None
                else avatars.set_avatar(connection, writer=writer, blob_id=blob_id)
            )
        )
        return SetAvatarSuccess(viewer=Viewer.of(context, account))


async def _confirmed(context: Context, upload: UploadRow) -> UploadRow:
    """The upload with its blob; what is slow, or outside the database, is not part of the write."""
    storage, directory = context.storage, context.db.settings.blobs_directory
    try:
        picture = await uploading.receive(storage, upload=upload, options=context.options)
    except Invalid:
        # Somebody who came at the same time may have confirmed it, and removed the file.
        async with context.db.read() as connection:
            again = await uploads.own(connection, viewer=context.viewer, blob_id=upload.blob_id)
        if again.confirmed_at is None:
            raise
        return again
    # S3 would tell of it by now, too: who is interrupted from here on needs no thumbnails again.
    context.tell_created(blob_key(upload.blob_id, picture.format))
    if directory is not None:
        await uploading.keep_on_disk(directory, upload=upload, picture=picture)
    confirmed = await context.write(
        lambda connection, writer: uploading.confirm(
            connection,
            writer=writer,
            blob_id=upload.blob_id,
            picture=picture,
            directory=directory,
        )
    )
    await storage.delete(uploads.incoming_key(upload.blob_id))
    return confirmed
