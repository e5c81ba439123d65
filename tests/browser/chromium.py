"""A headless Chromium that reaches this machine only, driven over its DevTools pipe."""

import asyncio
import base64
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

PROGRAMS = (
    "chromium",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
INSTALL_HINT = "Chromium is not installed (Debian: apt-get install chromium; Mac: Google Chrome)"
OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    # Only pages of this machine are opened, and root may not use the sandbox.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    # No name is looked up: whatever lies outside this machine cannot be reached.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--proxy-server=direct://",
)
# Chromium reads commands from descriptor 3 and answers on 4, and ends when they close: also when
# the tests are killed. Its profile goes after it.
LAUNCHER = 'd=$1; shift; "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1; rm -rf "$d"'
KEY_CODES = {"Tab": 9, "Enter": 13}
LARGEST_MESSAGE = 64 * 1024 * 1024
PATIENCE_SECONDS = 30.0


class Page:
    """One open page and its workers: what they asked the network for, and what the page shows."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._process = process
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._session = ""
        self._loaded = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def open(self, url: str, *, width: int, height: int) -> None:
        """Go to an address, watching all requests from the first on, and wait until it is loaded.

        :raises RuntimeError: if there is no answer, with Chromium's reason
        """
        target = await self._send("Target.createTarget", url="about:blank")
        attached = await self._send(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        await self._watch(self._session)
        await self._send("Page.enable", self._session)
        await self._send(
            "Emulation.setDeviceMetricsOverride",
            self._session,
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        going = await self._send("Page.navigate", self._session, url=url)
        if reason := going.get("errorText"):
            raise RuntimeError(f"{url}: {reason}")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._loaded.wait()

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, awaited if it is a promise.

        :raises RuntimeError: if it throws
        """
        answer = await self._send(
            "Runtime.evaluate",
            self._session,
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def wait_for(self, expression: str) -> Any:
        """Wait until an expression is true in the page, and return its value.

        :raises TimeoutError: if it is not within `PATIENCE_SECONDS`
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_SECONDS
        while not (value := await self.evaluate(expression)):
            if loop.time() > deadline:
                raise TimeoutError(f"{expression} stayed false; errors: {self.errors}")
            await asyncio.sleep(0.05)
        return value

    async def click(self, selector: str) -> None:
        """Click the first element that a CSS selector names, once it is there."""
        element = f"document.querySelector({json.dumps(selector)})"
        await self.wait_for(f"{element} !== null")
        await self.evaluate(f"{element}.click()")

    async def type(self, text: str) -> None:
        """Write a text where the keyboard writes."""
        await self._send("Input.insertText", self._session, text=text)

    async def press(self, key: str, *, control: bool = False) -> None:
        """Press a key and let it go: `Tab`, `Enter` or a letter."""
        code = KEY_CODES.get(key, ord(key[0].upper()))
        event = {"key": key, "code": key if key in KEY_CODES else f"Key{key.upper()}"}
        held = {"modifiers": 2 if control else 0, "windowsVirtualKeyCode": code}
        down = {"text": "\r"} if key == "Enter" else {}
        await self._send(
            "Input.dispatchKeyEvent", self._session, type="keyDown", **event, **held, **down
        )
        await self._send("Input.dispatchKeyEvent", self._session, type="keyUp", **event, **held)

    async def screenshot(self, path: Path) -> None:
        """Write what the page shows as a PNG."""
        shot = await self._send("Page.captureScreenshot", self._session, format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def close(self) -> None:
        """End the browser, and wait until nothing of it is left."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        # Its last words are read meanwhile: it would wait for that.
        await self._process.wait()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _send(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        self._post(number, method, session, params)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await answer

    def _post(self, number: int, method: str, session: str, params: dict[str, Any]) -> None:
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\0")

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while True:
            message = json.loads((await self._process.stdout.readuntil(b"\0"))[:-1])
            if "id" not in message:
                self._note(message["method"], message["params"])
            elif answer := self._answers.pop(message["id"], None):
                self._settle(answer, message)

    def _settle(self, answer: "asyncio.Future[dict[str, Any]]", message: dict[str, Any]) -> None:
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(RuntimeError(message["error"]["message"]))
        else:
            answer.set_result(message["result"])

    def _note(self, event: str, params: dict[str, Any]) -> None:
        match event:
            case "Network.requestWillBeSent":
                # A data URL is part of the page: nothing is asked of anyone.
                if not (url := params["request"]["url"]).startswith("data:"):
                    self.requests.append(url)
            case "Network.webSocketCreated":
                self.requests.append(params["url"])
            case "Page.loadEventFired":
                self._loaded.set()
            case "Runtime.exceptionThrown":
                self.errors.append(json.dumps(params["exceptionDetails"])[:500])
            case "Target.attachedToTarget":
                # A worker waits for this, so that none of its requests is missed.
                self._watch_worker(params["sessionId"])

    async def _watch(self, session: str) -> None:
        for method, params in WATCH:
            await self._send(method, session, **params)

    def _watch_worker(self, session: str) -> None:
        for method, params in (*WATCH, ("Runtime.runIfWaitingForDebugger", {})):
            self._post(next(self._numbers), method, session, params)


WATCH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Network.enable", {}),
    ("Runtime.enable", {}),
    (
        "Target.setAutoAttach",
        {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True},
    ),
)


def find_browser() -> str:
    """Where Chromium is.

    :raises RuntimeError: if it is not installed, with what to install
    """
    for program in PROGRAMS:
        if path := shutil.which(program):
            return path
    raise RuntimeError(INSTALL_HINT)


@asynccontextmanager
async def open_page(url: str, *, width: int = 1280, height: int = 800) -> AsyncIterator[Page]:
    """Open an address in a browser of its own, with an empty profile."""
    profile = tempfile.mkdtemp(prefix="waggle-")
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", LAUNCHER, "sh", profile),
        *(find_browser(), *OPTIONS, f"--user-data-dir={profile}", "about:blank"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LARGEST_MESSAGE,
        # Chromium keeps caches and crash reports below its home as well.
        env=os.environ | {"HOME": profile},
        # Ctrl-C is for the tests, which then close the pipe.
        start_new_session=True,
    )
    page = Page(process)
    try:
        await page.open(url, width=width, height=height)
        yield page
    finally:
        await page.close()
