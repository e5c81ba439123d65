"""Where q2a shows things: absolute URLs made from the site's options (FACTS 13 and 15)."""

import hashlib

from app.domain import slugs
from app.domain.censor import censor, compile_rules
from app.domain.custom_pages import PageRow
from app.domain.options import number_of
from app.domain.posts import PostRow
from app.domain.sites import Site
from app.domain.users import UserRow
from app.domain.viewers import Flag
from app.models import PostKind

GRAVATAR = "https://www.gravatar.com/avatar/"
# Plain numbers: those of the enumeration take some time to compare, on every row of a page.
SHOW_GRAVATAR, SHOW_AVATAR = Flag.SHOW_GRAVATAR.value, Flag.SHOW_AVATAR.value


def shown_title(post: PostRow, site: Site) -> str:
    """The title as people read it, with the words on the site's list starred."""
    return censor(post.title or "", compile_rules(site.options.block_bad_words))


def slug_of(question: PostRow, site: Site) -> str:
    return slugs.slug(
        shown_title(question, site),
        max_length=site.options.q_urls_title_length,
        remove_accents=site.options.q_urls_remove_accents,
    )


def post_url(question: PostRow, site: Site, *, post: PostRow | None = None) -> str:
    """The URL of a question, or of an answer or comment on its page."""
    target = post or question
    path = slugs.question_path(
        question.id,
        slug_of(question, site),
        style=site.options.neat_urls,
        answer_id=target.id if target.kind is PostKind.ANSWER else 0,
        comment_id=target.id if target.kind is PostKind.COMMENT else 0,
    )
    return slugs.absolute(site.url, path)


def user_url(handle: str, site: Site, *, page: str = "") -> str:
    """The URL of a profile, or of one of its pages, such as `wall`."""
    path = slugs.user_path(handle, style=site.options.neat_urls, page=page)
    return slugs.absolute(site.url, path)


def confirmation_url(handle: str, code: str, site: Site) -> str:
    """The page by which somebody confirms that an e-mail address is theirs (FACTS 12)."""
    path = slugs.path(["confirm"], {"c": code, "u": handle}, style=site.options.neat_urls)
    return slugs.absolute(site.url, path)


def tag_url(tag: str, site: Site) -> str:
    return slugs.absolute(site.url, slugs.tag_path(tag, style=site.options.neat_urls))


def category_url(path: list[str], site: Site) -> str:
    """The URL of a category's questions; `path` has the slugs from the top."""
    return slugs.absolute(site.url, slugs.category_path(path, style=site.options.neat_urls))


def custom_page_url(page: PageRow, site: Site) -> str:
    """The URL of a custom page, or where a link in the menus leads."""
    if not page.is_external:
        return slugs.absolute(site.url, slugs.path([page.address], style=site.options.neat_urls))
    # Everything but a web address stays within the site.
    is_whole = page.address.lower().startswith(("http://", "https://"))
    return page.address if is_whole else slugs.absolute(site.url, page.address.lstrip("/"))


def avatar_url(user: UserRow, site: Site, *, size: int) -> str | None:
    """A picture of the user that fits into `size` pixels: their Gravatar, their upload, the
    site's default, or None, in q2a's order (FACTS 13).
    """
    options = site.options
    if options.avatar_allow_gravatar and user.flags & SHOW_GRAVATAR:
        address = user.email.strip().lower().encode()
        digest = hashlib.md5(address, usedforsecurity=False).hexdigest()
        return f"{GRAVATAR}{digest}?s={size}"
    if options.avatar_allow_upload and user.flags & SHOW_AVATAR and user.avatar_blob_id:
        return slugs.absolute(site.url, slugs.image_path(user.avatar_blob_id, size))
    if options.avatar_default_show and (default_id := number_of(options.avatar_default_blobid)):
        return slugs.absolute(site.url, slugs.image_path(default_id, size))
    return None
