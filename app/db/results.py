"""Results of statements by aiomysql, read in few steps.

aiomysql takes packet by packet from the stream and value by value from the packet, through several
functions each: for a page of posts that takes as long as all that is done with them. Here the
stream is read in large pieces, descriptions of columns are remembered by their bytes, and every
value takes one call. The rows are the same, whatever they hold.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from aiomysql import InternalError, MySQLError, OperationalError  # type: ignore[import-untyped]
from aiomysql.connection import TEXT_TYPES, MySQLResult  # type: ignore[import-untyped]
from pymysql.constants import CR, FIELD_TYPE
from pymysql.converters import convert_datetime, decoders, through
from pymysql.protocol import FieldDescriptorPacket, MysqlPacket

Made = TypeVar("Made")
Read = Callable[[bytes], Any]
PIECE = 2**16
# A longer packet is continued by the next.
LONGEST_PACKET = 0xFFFFFF
NULL, IN_TWO_BYTES, IN_THREE_BYTES = 251, 252, 253
HEAD = 4
END, ERROR = b"\xfe", b"\xff"
LONGEST_END = 9
BINARY = 63
LOST = "Lost connection to MySQL server during query"


class Column(NamedTuple):
    """A column of a result: as a cursor describes it, and how its values are read."""

    description: tuple[Any, ...]
    read: Read


class Result(MySQLResult):  # type: ignore[misc]
    """What a connection reads instead of aiomysql's own; rows are the same."""

    connection: Any

    async def _read_result_packet(self, first_packet: Any) -> None:
        connection = self.connection
        packets = Packets(connection)
        encoding = connection.encoding
        try:
            columns = await packets.until_end(lambda packet: column_of(packet, encoding))
            reads = [column.read for column in columns]
            rows = await packets.until_end(lambda packet: row_of(packet, reads))
        except MySQLError:
            # The server has told of it, and sends no more; or the connection is closed already.
            raise
        except BaseException:
            # What is still to come would be taken for the next statement's result.
            connection.close()
            raise
        self.field_count = len(columns)
        self.description = tuple(column.description for column in columns)
        self.rows = tuple(rows)
        self.affected_rows = len(rows)
        self._check_packet_is_eof(MysqlPacket(packets.end, encoding))
        # Of several results the next begins with what was read too far.
        connection.ahead = packets.rest
        self.connection = None


class Packets:
    """The packets that a connection is sent, taken from the stream in large pieces."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._buffer: bytes = connection.ahead
        self._at = 0
        self._begun = b""
        self.end = b""
        connection.ahead = b""

    @property
    def rest(self) -> bytes:
        """What was read of the stream and not taken."""
        return self._buffer[self._at :]

    async def until_end(self, make: Callable[[bytes], Made]) -> list[Made]:
        """What `make` makes of all packets before the one that ends a list, which is `end` then.

        :raises OperationalError: if the connection is lost
        :raises MySQLError: if the server tells of an error
        """
        found: list[Made] = []
        while not self._take(make, found):
            await self._read_more()
        return found

    def _take(self, make: Callable[[bytes], Made], found: list[Made]) -> bool:
        """Take the packets that are there as a whole; whether the last of them was the end."""
        buffer, at, available = self._buffer, self._at, len(self._buffer)
        while available - at >= HEAD:
            head = int.from_bytes(buffer[at : at + HEAD], "little")
            size = head & LONGEST_PACKET
            after = at + HEAD + size
            if after > available:
                break
            self._check_number(head >> 24)
            packet = buffer[at + HEAD : after]
            self._at = at = after
            if size == LONGEST_PACKET or self._begun:
                self._begun += packet
                if size == LONGEST_PACKET:
                    continue
                packet, self._begun = self._begun, b""
            if packet[:1] == END and len(packet) < LONGEST_END:
                self.end = packet
                return True
            if packet[:1] == ERROR:
                MysqlPacket(packet, "utf8").raise_for_error()
            found.append(make(packet))
        return False

    def _check_number(self, number: int) -> None:
        connection = self._connection
        if number != connection._next_seq_id:
            connection.close()
            if number == 0:
                # MySQL 8 says so that it shuts down.
                raise OperationalError(CR.CR_SERVER_LOST, LOST)
            raise InternalError(f"Packet {number} came instead of {connection._next_seq_id}.")
        connection._next_seq_id = (number + 1) % 256

    async def _read_more(self) -> None:
        """Read until one more packet is there as a whole, or at least its head."""
        pieces = [self.rest]
        has = len(pieces[0])
        needed = HEAD
        if has >= HEAD:
            needed += int.from_bytes(pieces[0][:HEAD], "little") & LONGEST_PACKET
        while has < needed:
            pieces.append(await self._piece())
            has += len(pieces[-1])
        self._buffer, self._at = b"".join(pieces), 0

    async def _piece(self) -> bytes:
        reason: OSError | None = None
        try:
            piece: bytes = await self._connection._reader.read(PIECE)
        except OSError as error:
            piece, reason = b"", error
        if not piece:
            self._connection.close()
            raise OperationalError(CR.CR_SERVER_LOST, LOST) from reason
        return piece


# Statements are few, and so are the columns that they give.
@lru_cache(maxsize=4_000)
def column_of(packet: bytes, encoding: str) -> Column:
    """The column that the server describes so."""
    field: Any = FieldDescriptorPacket(packet, encoding)
    return Column(field.description(), _reading(field, encoding))


def _reading(field: Any, encoding: str) -> Read:
    type_, named = field.type_code, encoding
    if type_ not in TEXT_TYPES:
        named = "ascii"
    is_binary = type_ in TEXT_TYPES and type_ != FIELD_TYPE.JSON and field.charsetnr == BINARY
    convert = decoders.get(type_)
    if convert is None or convert is through:
        return bytes if is_binary else _text_of(named)
    # These take bytes as they are.
    if is_binary or convert in (int, float):
        return convert
    if convert is convert_datetime:
        return _moment
    return lambda value: convert(value.decode(named))


def _text_of(encoding: str) -> Read:
    if encoding.lower().replace("-", "") in ("utf8", "utf8mb4"):
        return bytes.decode
    return lambda value: value.decode(encoding)


def _moment(value: bytes) -> Any:
    text = value.decode("ascii")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        # Such as the zero date; the driver has its own ways with those.
        return convert_datetime(text)


def row_of(packet: bytes, reads: list[Read]) -> tuple[Any, ...]:
    """The values of a row, each written after its length."""
    row: list[Any] = []
    append = row.append
    at = 0
    for read in reads:
        size = packet[at]
        at += 1
        if size >= NULL:
            if size == NULL:
                append(None)
                continue
            width = 2 if size == IN_TWO_BYTES else 3 if size == IN_THREE_BYTES else 8
            size = int.from_bytes(packet[at : at + width], "little")
            at += width
        end = at + size
        append(read(packet[at:end]))
        at = end
    return tuple(row)
