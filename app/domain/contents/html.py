"""Contents as HTML that is safe to show, whoever wrote it and whatever stored it."""

import re
from html import escape
from typing import Final

import nh3

from app.domain.censor import NO_RULES, Rules, censor_html
from app.domain.markup import TAG, names

_TAGS: Final = names(
    "a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col"
    " colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i"
    " img ins kbd li mark ol p pre q rp rt ruby s samp section small span strike strong sub sup"
    " table tbody td tfoot th thead time tr tt u ul var wbr"
)
_VOID_TAGS: Final = names("br col hr img wbr")
# The ones that a parser opens again in the next block when they were not closed in this one.
_FORMATTING_TAGS: Final = names("a b big code em font i nobr s small strike strong tt u")
_ATTRIBUTES: Final = {
    "*": {"align", "dir", "lang", "style", "title", "valign"},
    "a": {"href"},
    "code": {"class"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "font": {"color", "face", "size"},
    "hr": {"size", "width"},
    "img": {"alt", "border", "height", "src", "width"},
    "li": {"type", "value"},
    "ol": {"reversed", "start", "type"},
    "pre": {"class"},
    "table": {"bgcolor", "border", "cellpadding", "cellspacing", "summary", "width"},
    "td": {"abbr", "bgcolor", "colspan", "headers", "height", "rowspan", "scope", "width"},
    "th": {"abbr", "bgcolor", "colspan", "headers", "height", "rowspan", "scope", "width"},
    "time": {"datetime"},
    "tr": {"bgcolor"},
    "ul": {"type"},
}
_STYLE_PROPERTIES: Final = names(
    "background-color border border-bottom border-collapse border-color border-left border-radius"
    " border-right border-spacing border-style border-top border-width clear color direction float"
    " font-family font-size font-style font-variant font-weight height letter-spacing line-height"
    " list-style-type margin margin-bottom margin-left margin-right margin-top max-height max-width"
    " min-height min-width padding padding-bottom padding-left padding-right padding-top text-align"
    " text-decoration text-decoration-line text-indent text-transform vertical-align white-space"
    " width word-break word-spacing word-wrap"
)
_SCHEMES: Final = names("ftp ftps http https irc ircs mailto news nntp sftp tel xmpp")
# So 12,000 characters can become 14 million. Honest contents stay far below this number of tags
# that may be opened again.
_MAX_REOPENED: Final = 5_000
_MIN_TANGLED_TAGS: Final = 140  # fewer cannot reach it: 70 open tags in 70 blocks

# In HTML-escaped text a URL goes on to a blank, a bracket, a quote, or an `&` that is not part of
# it; q2a links hosts with a dot only. Punctuation after it is not part of it.
_URL: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:https?|ftp)://[^\s&<>()\[\]\"'./?#]+\."
    r"(?:[^\s&<>()\[\]\"']|&amp;)*(?:[^\s&<>()\[\]\"'.,;:!?]|&amp;)",
    re.IGNORECASE,
)
# Styles with such characters may be read as less than they are, and as less again the next time.
_ODD_STYLE: Final = re.compile(r'style="[^"]*[\\{}()\[\]&/]')
_MOST_CLEANINGS: Final = 4
_PRE_BEFORE_NEW_LINE: Final = re.compile(r"<pre(?: [^>]*)?>(?=\n)")
_SECOND_BLANK: Final = re.compile(r"(?<=[ \t\n]) ")


def to_html(
    content: str,
    format: str,
    *,
    link_urls: bool,
    new_window: bool = False,
    bad_words: Rules = NO_RULES,
) -> str:
    """A post as q2a shows it to readers: safe, linked, and with words on the site's list starred.

    :param content: as it is stored
    :param format: of the post: `html`, or anything else for plain text
    :param link_urls: make links of bare URLs (option `show_url_links`)
    :param new_window: links open new windows (option `links_in_new_window`)
    :param bad_words: made by `censor.compile_rules`
    """
    if format != "html":
        html = plain_to_html(content, link_urls=link_urls, new_window=new_window)
    else:
        html = clean_html(content, new_window=new_window)
        if link_urls:
            html = _link_urls_outside_links(html, new_window=new_window)
    return censor_html(html, bad_words)


def plain_to_html(text: str, *, link_urls: bool, new_window: bool = False) -> str:
    """Plain text as HTML that keeps its lines and blanks."""
    html = escape(text.replace("\r\n", "\n").replace("\r", "\n")).replace("&#x27;", "&#039;")
    html = _SECOND_BLANK.sub("&nbsp;", html).replace("\t", "&nbsp; &nbsp; ")
    html = html.replace("\n", "<br />\n")
    return _link_urls(html, new_window=new_window) if link_urls else html


def clean_html(html: str, *, new_window: bool = False) -> str:
    """`html` with only harmless tags, attributes, styles and URL schemes, and every tag closed.

    The text of what is removed stays, as q2a keeps it. Safe for any input, in time and in size;
    what is clean stays as it is.
    """
    if _is_tangled(html):
        html = TAG.sub(_without_formatting, html)
    cleaner = _CLEANER_FOR_NEW_WINDOWS if new_window else _CLEANER
    cleaned = _cleaned(html, cleaner)
    for _ in range(_MOST_CLEANINGS):
        if not _ODD_STYLE.search(cleaned):
            return cleaned
        again = _cleaned(cleaned, cleaner)
        if again == cleaned:
            return cleaned
        cleaned = again
    return _cleaned(cleaned, _cleaner(new_window=new_window, styles=False))


def _cleaned(html: str, cleaner: nh3.Cleaner) -> str:
    # Parsers drop a new line right after this tag, so one that is to stay needs another before it.
    return _PRE_BEFORE_NEW_LINE.sub("\\g<0>\n", cleaner.clean(html))


def _cleaner(*, new_window: bool, styles: bool = True) -> nh3.Cleaner:
    left_out = set() if styles else {"style"}
    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(),
        attributes={tag: allowed - left_out for tag, allowed in _ATTRIBUTES.items()},
        set_tag_attribute_values={"a": {"target": "_blank"}} if new_window else {},
        filter_style_properties=set(_STYLE_PROPERTIES),
        url_schemes=set(_SCHEMES),
        link_rel="nofollow",
    )


_CLEANER: Final = _cleaner(new_window=False)
_CLEANER_FOR_NEW_WINDOWS: Final = _cleaner(new_window=True)


def _is_tangled(html: str) -> bool:
    """Whether a parser would have to re-open formatting tags again and again."""
    if html.count("<") < _MIN_TANGLED_TAGS:
        return False

    open_tags: list[str] = []
    open_formatting = reopened = 0
    for tag in TAG.finditer(html):
        name = (tag[1] or "").lower()
        is_formatting = name.removeprefix("/") in _FORMATTING_TAGS
        if name in _VOID_TAGS or not name.strip("/!?"):  # the latter are comments and the like
            continue
        if not name.startswith("/"):
            open_tags.append(name)
            open_formatting += is_formatting
        elif open_tags and open_tags[-1] == name[1:]:
            open_tags.pop()
            open_formatting -= is_formatting
        if not is_formatting:
            reopened += open_formatting
    return reopened > _MAX_REOPENED


def _without_formatting(tag: re.Match[str]) -> str:
    name = (tag[1] or "").lower().removeprefix("/")
    return "" if name in _FORMATTING_TAGS else tag[0]


def _link_urls(html: str, *, new_window: bool) -> str:
    """Make links of the URLs in HTML-escaped text."""
    target = ' target="_blank"' if new_window else ""
    return _URL.sub(rf'<a href="\g<0>" rel="nofollow"{target}>\g<0></a>', html)


def _link_urls_outside_links(html: str, *, new_window: bool) -> str:
    """Make links of the URLs in the text of clean HTML."""
    if "://" not in html:
        return html

    pieces = []
    position = open_links = 0
    for tag in TAG.finditer(html):
        text = html[position : tag.start()]
        pieces.append(text if open_links else _link_urls(text, new_window=new_window))
        pieces.append(tag[0])
        position = tag.end()
        open_links += {"a": 1, "/a": -1}.get(tag[1], 0)
    pieces.append(_link_urls(html[position:], new_window=new_window))
    return "".join(pieces)
