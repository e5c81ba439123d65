"""How tags and comments are told from text in HTML, as browsers do it."""

import re
from typing import Final

# Once begun, a tag or comment always matches, to the end of the input if need be, as browsers read
# it: so nothing is scanned twice, and hostile input takes linear time. The group is the tag's name,
# with a slash before it in an end tag.
TAG: Final = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(/?[a-z][a-z0-9]*|[/!?](?=[^<]))"
    r"(?:[^>=]+|=[ \t\n\r\f]*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))?)*(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)


def names(listed: str) -> frozenset[str]:
    """The set of names that `listed` gives, separated by blanks."""
    return frozenset(listed.split())
