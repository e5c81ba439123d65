"""Persisted documents: a request names its document by a hash instead of sending it.

Three ways lead to one: Apollo's automatic persisted queries, where the first client that sends a
document with its hash makes it known; a list of trusted documents, which a front end's build
writes; and the parameter `documentId` of the GraphQL-over-HTTP draft.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.config import SettingError, Settings
from app.endpoint.errors import FORBIDDEN, PERSISTED_QUERY_NOT_FOUND
from app.endpoint.memory import Latest
from app.endpoint.requests import GraphQLRequest, RequestRefused

MAX_DOCUMENTS = 1000
MAX_CHARACTERS = 1_000_000
# What Apollo's clients look for, word by word, before they send the whole document.
NOT_FOUND = "PersistedQueryNotFound"


class PersistedDocuments:
    """Knows documents by their hashes: those of the trusted list, and the latest others.

    :raises SettingError: if the list cannot be read
    """

    def __init__(self, settings: Settings) -> None:
        self.trusted_only = settings.trusted_documents_only
        self._trusted = _listed(settings.trusted_documents)
        self._trusted_texts = frozenset(self._trusted.values())
        self._latest: Latest[str, str] = Latest(entries=MAX_DOCUMENTS, weight=MAX_CHARACTERS)

    def resolved(self, asked: GraphQLRequest) -> GraphQLRequest:
        """The request with its document.

        :raises RequestRefused: if its hash is not known, or not that of the document that came
            with it; or if only trusted documents are answered and it is none
        """
        if asked.document_hash is None:
            self._check_trust(asked.query)
            return asked
        if asked.query:
            if sha256(asked.query.encode()).hexdigest() != asked.document_hash:
                raise RequestRefused(400, "The hash is not the SHA-256 of the document.")
            self._check_trust(asked.query)
            return asked
        text = self._trusted.get(asked.document_hash)
        if text is None and not self.trusted_only:
            text = self._latest.get(asked.document_hash)
        if text is None:
            raise RequestRefused(404, NOT_FOUND, code=PERSISTED_QUERY_NOT_FOUND)
        return asked._replace(query=text)

    def remember(self, asked: GraphQLRequest) -> None:
        """Take note of a document that was found to be good, if its request wants that."""
        if asked.document_hash is not None and asked.document_hash not in self._trusted:
            self._latest.put(asked.document_hash, asked.query, weight=len(asked.query))

    def _check_trust(self, text: str) -> None:
        if self.trusted_only and text not in self._trusted_texts:
            raise RequestRefused(403, "Only documents of a list are answered here.", code=FORBIDDEN)


def _listed(file: Path | None) -> Mapping[str, str]:
    if file is None:
        return {}
    try:
        return {_bare(name): text for name, text in _entries(json.loads(file.read_text("utf-8")))}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        accepted = "a JSON file of hashes and documents"
        raise SettingError("TRUSTED_DOCUMENTS", str(file), accepted) from error


def _entries(listed: Any) -> list[tuple[str, str]]:
    """Hashes with documents, from either form that tools write.

    GraphQL Code Generator and Relay write one object, Apollo a list of operations.
    """
    if "operations" in listed and isinstance(listed["operations"], list):
        pairs = [(operation["id"], operation["body"]) for operation in listed["operations"]]
    else:
        pairs = list(listed.items())
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        raise TypeError("hashes and documents are texts")
    return pairs


def _bare(name: str) -> str:
    return name.removeprefix("sha256:").lower()
