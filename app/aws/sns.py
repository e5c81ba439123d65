"""Messages of Amazon SNS that come by HTTP: whether they are what they say they are.

Anybody can post to an address. What counts is a signature by a certificate that only SNS can show,
because it is at its own host.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
# Nothing else may be left out.
OPTIONAL = {"Subject"}
HASHES: dict[str, hashes.HashAlgorithm] = {
    "1": hashes.SHA1(),  # noqa: S303 - what SNS signs with unless it is told otherwise
    "2": hashes.SHA256(),
}
TOPIC = re.compile(r"arn:aws(-[a-z-]+)?:sns:(?P<region>[a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]+")
# What follows the host in an address.
PLACES = {
    "SigningCertURL": re.compile(r"/SimpleNotificationService-[A-Za-z0-9]+\.pem"),
    "SubscribeURL": re.compile(r"/?\?[!-~]+"),
}


class Forged(Exception):
    """A message is not one of SNS's, or not of the site's own topic."""


class SnsGate:
    """Lets through what SNS says of one topic."""

    def __init__(self, topic: str, *, authority: str = "") -> None:
        """
        :param topic: its ARN
        :param authority: where SNS is, for emulators; by default where the topic's region has it
        """
        match = TOPIC.fullmatch(topic)
        if match is None:
            raise ValueError(f"{topic} is not the ARN of a topic")
        region = match["region"]
        domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        self.topic = topic
        self.authority = authority or f"https://sns.{region}.{domain}"

    def read(self, body: bytes) -> dict[str, str]:
        """The fields of a message of the topic; it has still to be proved.

        :raises Forged: if it is none
        """
        try:
            message: Any = json.loads(body)
        except (ValueError, RecursionError):
            raise Forged("It is not JSON.") from None
        found = message if isinstance(message, dict) else {}
        texts = {name: text for name, text in found.items() if isinstance(text, str)}
        if texts.get("Type") not in SIGNED:
            raise Forged("It is not a message of SNS's.")
        names = {*SIGNED[texts["Type"]], "Signature", "SignatureVersion", "SigningCertURL"}
        fields = {name: text for name, text in texts.items() if name in names}
        if names - OPTIONAL - fields.keys():
            raise Forged("It lacks something.")
        if fields["TopicArn"] != self.topic:
            raise Forged("It is of another topic.")
        return fields

    def address(self, fields: Mapping[str, str], name: str) -> str:
        """One of the addresses in a message, which has to lead to SNS itself.

        :raises Forged: if it does not
        """
        url = fields[name]
        place = url.removeprefix(self.authority)
        if place == url or not PLACES[name].fullmatch(place):
            raise Forged(f"Its {name} leads elsewhere.")
        return url

    def prove(self, fields: Mapping[str, str], certificate: bytes) -> None:
        """:raises Forged: if a message is not signed by what is at its `SigningCertURL`"""
        try:
            key = x509.load_pem_x509_certificate(certificate).public_key()
            signature = base64.b64decode(fields["Signature"], validate=True)
            algorithm = HASHES[fields["SignatureVersion"]]
            if not isinstance(key, rsa.RSAPublicKey):
                raise Forged("Its certificate is of another kind.")
            key.verify(signature, _signed_text(fields), padding.PKCS1v15(), algorithm)
        except (ValueError, KeyError, binascii.Error, InvalidSignature):
            raise Forged("It is not signed by SNS.") from None


def _signed_text(fields: Mapping[str, str]) -> bytes:
    names = [name for name in SIGNED[fields["Type"]] if name in fields]
    return "".join(f"{name}\n{fields[name]}\n" for name in names).encode()
