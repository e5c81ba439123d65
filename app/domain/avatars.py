"""The picture that somebody uploaded of themselves: choosing it and taking it away (FACTS 13)."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import permissions, profile_editing, uploading, uploads, writing
from app.domain.errors import Invalid, NotFound
from app.domain.uploads import UploadPurpose, UploadRow
from app.domain.viewers import Account, Flag
from app.domain.writing import Writer
from app.models import Blob, User
from app.models.waggle import Upload


async def set_avatar(connection: AsyncConnection, *, writer: Writer, blob_id: int) -> Account:
    """Show a confirmed upload as the writer's picture. The one before is deleted, as q2a does.

    :returns: the account as it is now
    :raises NotAllowed: if the site has no uploaded pictures, or the writer may not edit
    :raises NotFound: if there is no such upload of the writer's, or its picture was replaced
    :raises Invalid: if it is not confirmed, or was meant for a content
    """
    viewer = writer.viewer
    permissions.ensure(uploading.denial(viewer, writer.options, UploadPurpose.AVATAR))
    await writing.mark(connection, writer=writer)
    upload = await uploads.own(connection, viewer=viewer, blob_id=blob_id, lock=True)
    if upload.purpose != UploadPurpose.AVATAR.value:
        raise Invalid("uploadId", "The upload was requested for a content.")
    if upload.confirmed_at is None:
        raise Invalid("uploadId", "The upload is not confirmed.")
    kept = update(Upload).where(Upload.blob_id == blob_id)
    await connection.execute(kept.values({Upload.kept_at: upload.confirmed_at}))
    return await _change(connection, writer, upload)


async def remove_avatar(connection: AsyncConnection, *, writer: Writer) -> Account:
    """Delete the writer's uploaded picture, if there is one; a Gravatar goes on being shown.

    :returns: the account as it is now
    :raises NotAllowed: if the writer may not edit their profile
    """
    permissions.ensure(profile_editing.denial(writer.viewer, writer.options))
    await writing.mark(connection, writer=writer)
    return await _change(connection, writer, None)


async def _change(connection: AsyncConnection, writer: Writer, upload: UploadRow | None) -> Account:
    account = writer.viewer.account
    assert account is not None
    this = User.id == account.id
    query = select(User.avatar_blob_id, User.flags).where(this).with_for_update()
    found = (await connection.execute(query)).first()
    if found is None:
        raise NotFound("Your account has just been deleted.")
    former_id, flags = found
    flags &= ~Flag.SHOW_AVATAR
    if upload is not None:
        flags = flags & ~Flag.SHOW_GRAVATAR | Flag.SHOW_AVATAR
    values: dict[Any, Any] = {
        User.avatar_blob_id: upload.blob_id if upload else None,
        User.avatar_width: upload.width if upload else None,
        User.avatar_height: upload.height if upload else None,
        User.flags: int(flags),
    }
    await connection.execute(update(User).where(this).values(values))
    if former_id not in (None, values[User.avatar_blob_id]):
        await _delete(connection, account.id, former_id)
    return account._replace(flags=int(flags))


async def _delete(connection: AsyncConnection, user_id: int, blob_id: int) -> None:
    """Delete an avatar; its files are removed when orphans are looked for."""
    # Whatever the column says, nobody deletes another's file by it.
    own = [Blob.id == blob_id, Blob.user_id == user_id]
    await connection.execute(delete(Blob).where(*own))
    await connection.execute(
        delete(Upload).where(Upload.blob_id == blob_id, Upload.user_id == user_id)
    )
