"""What a viewer may see beyond what everybody sees: the permission rules turned into a `Sight`."""

from app.domain.options import Options
from app.domain.permits import Permit, permit_denial
from app.domain.posts import NOBODY, Sight
from app.domain.viewers import Viewer


def sight_of(viewer: Viewer, options: Options) -> Sight:
    """Which hidden and queued posts the viewer sees, apart from their own (FACTS 10)."""
    if viewer.account is None:
        return Sight(cookie_id=viewer.cookie_id) if viewer.cookie_id else NOBODY
    return Sight(
        author_id=viewer.account.id,
        hidden=_where(viewer, options, Permit.HIDE_SHOW),
        queued=_where(viewer, options, Permit.MODERATE),
    )


def _where(viewer: Viewer, options: Options, permit: Permit) -> bool | frozenset[int]:
    account = viewer.account
    if account is None:
        return False
    if permit_denial(viewer, options, permit, level=account.level) is None:
        return True
    return frozenset(
        category_id
        for category_id, level in viewer.category_levels.items()
        if permit_denial(viewer, options, permit, level=max(level, account.level)) is None
    )
