"""Mail by Amazon SES, with its second API."""

import asyncio
from typing import Any

from app.domain.mailer import Doubtful, Letter, MailError, Postponed, Refused, Unavailable

TIMEOUT_SECONDS = 20
# What SES says of one mail; of the others, everyone's mails are the matter.
ABOUT_THE_MAIL = {"MessageRejected", "BadRequestException", "InvalidParameterValue"}
NOT_NOW = {"TooManyRequestsException", "Throttling", "ThrottlingException"}


class SesMailer:
    """SES in a region. Credentials are found as boto3 finds them; `endpoint` is for emulators.

    :param configuration_set: of SES, which says where it tells of what bounces; empty: none
    """

    def __init__(self, *, region: str, endpoint: str = "", configuration_set: str = "") -> None:
        self.region = region
        self.endpoint = endpoint or None
        self.configuration_set = configuration_set
        self._client: Any = None

    async def prepare(self) -> None:
        if self._client is None:
            self._client = await asyncio.to_thread(self._connected)

    async def send(self, letter: Letter) -> str:
        return await asyncio.to_thread(self._send, letter)

    async def close(self) -> None:
        if self._client is not None:
            await asyncio.to_thread(self._client.close)
            self._client = None

    def _connected(self) -> Any:
        # It takes a third of a second to import, and nothing but mail needs it.
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        try:
            return boto3.client(
                "sesv2",
                region_name=self.region,
                endpoint_url=self.endpoint,
                # A second request may send a second mail.
                config=Config(
                    connect_timeout=TIMEOUT_SECONDS,
                    read_timeout=TIMEOUT_SECONDS,
                    retries={"total_max_attempts": 1},
                ),
            )
        except (BotoCoreError, ValueError) as error:
            raise Unavailable(f"SES cannot be used: {error}") from error

    def _send(self, letter: Letter) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        request: dict[str, Any] = {
            "FromEmailAddress": letter.sender,
            "Destination": {"ToAddresses": [letter.recipient]},
            "Content": {"Raw": {"Data": letter.content}},
        }
        if self.configuration_set:
            request["ConfigurationSetName"] = self.configuration_set
        try:
            answer = self._client.send_email(**request)
        except ClientError as error:
            raise _of_answer(error) from error
        except BotoCoreError as error:
            raise _of_connection(error) from error
        return str(answer["MessageId"])


def _of_answer(error: Any) -> MailError:
    """What an answer of SES's means for the mail."""
    code = error.response.get("Error", {}).get("Code", "")
    text = f"SES answers {code}: {error.response.get('Error', {}).get('Message', '')}"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in NOT_NOW or status in (429, 503):
        return Unavailable(text)
    if code in ABOUT_THE_MAIL:
        # Accounts that are new to SES may write to addresses that were verified only.
        return Postponed(text) if "not verified" in text else Refused(text)
    return Doubtful(text) if status >= 500 else Unavailable(text)


def _of_connection(error: Exception) -> MailError:
    from botocore import exceptions

    before = (
        exceptions.ConnectTimeoutError,
        exceptions.EndpointConnectionError,
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.ProxyConnectionError,
        exceptions.SSLError,
        exceptions.ParamValidationError,
    )
    if isinstance(error, before):
        return Unavailable(f"SES cannot be reached: {error}")
    return Doubtful(f"the answer of SES was lost: {error}")
