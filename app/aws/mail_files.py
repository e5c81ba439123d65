"""Mails as files: for looking at what would be sent, on a laptop and in tests."""

import asyncio
import os
import re
import tempfile
from pathlib import Path

from app.domain.mailer import Letter, Unavailable

OUTSIDE_OF_NAMES = re.compile(r"[^A-Za-z0-9_.@-]+")


class FileMailer:
    """Writes every mail to a file of its own, `<Message-ID>.eml`, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def prepare(self) -> None:
        try:
            await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"{self.folder} cannot be made: {error.strerror}") from error

    async def send(self, letter: Letter) -> str:
        name = OUTSIDE_OF_NAMES.sub("_", letter.message_id.strip("<>")) + ".eml"
        try:
            await asyncio.to_thread(self._write, name, letter.content)
        except OSError as error:
            raise Unavailable(f"{self.folder} cannot be written to: {error.strerror}") from error
        return name

    async def close(self) -> None:
        return

    def _write(self, name: str, content: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
            file.write(content)
        os.replace(file.name, self.folder / name)
