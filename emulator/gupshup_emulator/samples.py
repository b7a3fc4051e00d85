# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Small media made by arithmetic, for customers who send something without a file."""

import struct
import zlib
from functools import cache


def png(width: int = 320, height: int = 240) -> bytes:
    """Return a picture with a soft colour gradient."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += bytes(
                (40 + 180 * x // width, 120 + 90 * y // height, 200 - 120 * x // width)
            )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", header)
        + _png_chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + _png_chunk(b"IEND", b"")
    )


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def webp(width: int = 512, height: int = 512) -> bytes:
    """Return a plain square in lossless WebP, the size of a sticker."""
    bits = _Bits()
    bits.put(0x2F, 8)
    bits.put(width - 1, 14)
    bits.put(height - 1, 14)
    bits.put(1, 1)
    # version (3 bits), no transform, no colour cache, no further prefix codes
    bits.put(0, 6)
    for symbol in (0x9D, 0x2A, 0x6F, 0xFF):
        # A prefix code of one symbol of 8 bits takes no bits per pixel.
        bits.put(0b101, 3)
        bits.put(symbol, 8)
    bits.put(0b001, 3)
    bits.put(0, 1)
    data = bits.data()
    data += b"\0" * (len(data) % 2)
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


class _Bits:
    """Writes numbers bit by bit, least significant first."""

    def __init__(self):
        self._value = 0
        self._size = 0

    def put(self, number: int, size: int) -> None:
        self._value |= number << self._size
        self._size += size

    def data(self) -> bytes:
        return self._value.to_bytes((self._size + 7) // 8, "little")


def pdf(text: str = "Sample document") -> bytes:
    """Return a page with one line of text."""
    line = text.replace("\\", "").replace("(", "").replace(")", "")
    content = f"BT /F1 24 Tf 72 760 Td ({line}) Tj ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    result = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, item in enumerate(objects, 1):
        offsets.append(len(result))
        result += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    start = len(result)
    result += b"xref\n0 6\n0000000000 65535 f \n"
    for offset in offsets:
        result += b"%010d 00000 n \n" % offset
    result += b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(result)


def voice(seconds: float = 2.0) -> bytes:
    """Return silence as a voice note: Opus in Ogg."""
    silence = b"\xf8\xff\xfe"
    return ogg_opus([silence] * max(1, int(seconds * 50)))


def ogg_opus(packets: list[bytes], head: bytes | None = None) -> bytes:
    """Return Opus packets in an Ogg container.

    `head` is the OpusHead of the recording, if it brought one.
    """
    head = head or b"OpusHead\x01\x01" + struct.pack("<HIhB", 312, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 8) + b"emulator" + struct.pack("<I", 0)
    pages = [_ogg_page([head], 0, 0, 2), _ogg_page([tags], 0, 1, 0)]
    position = 0
    for number, start in enumerate(range(0, len(packets), 25), 2):
        group = packets[start : start + 25]
        position += sum(_opus_samples(packet) for packet in group)
        last = start + 25 >= len(packets)
        pages.append(_ogg_page(group, position, number, 4 if last else 0))
    return b"".join(pages)


def _opus_samples(packet: bytes) -> int:
    """Return how long a packet lasts, in samples at 48 kHz (RFC 6716, section 3.1)."""
    config, form = packet[0] >> 3, packet[0] & 3
    if config < 12:
        size = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        size = (480, 960)[config & 1]
    else:
        size = (120, 240, 480, 960)[config & 3]
    frames = {0: 1, 1: 2, 2: 2}.get(form)
    if frames is None:
        frames = packet[1] & 63 if len(packet) > 1 else 1
    return size * frames


def _ogg_page(packets: list[bytes], position: int, number: int, flags: int) -> bytes:
    lacing = bytearray()
    for packet in packets:
        lacing += b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    header = b"OggS\0" + struct.pack("<BqIII", flags, position, 1, number, 0)
    page = bytearray(header + bytes([len(lacing)]) + lacing + b"".join(packets))
    page[22:26] = struct.pack("<I", _ogg_check(page))
    return bytes(page)


@cache
def _ogg_table() -> tuple[int, ...]:
    table = []
    for index in range(256):
        value = index << 24
        for _bit in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return tuple(table)


def _ogg_check(page: bytes | bytearray) -> int:
    table = _ogg_table()
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ table[(value >> 24) ^ byte]
    return value


_WEBM_CONTAINERS = {0x18538067, 0x1654AE6B, 0xAE, 0x1F43B675, 0xA0}
_WEBM_SIMPLE_BLOCK, _WEBM_BLOCK, _WEBM_CODEC_PRIVATE = 0xA3, 0xA1, 0x63A2


def opus_of_webm(data: bytes) -> tuple[list[bytes], bytes | None]:
    """Return (Opus packets, OpusHead) of a recording in WebM; no packets if broken."""
    packets: list[bytes] = []
    head = None
    position = 0
    while position < len(data):
        element, position = _webm_number(data, position, keep_mark=True)
        size, position = _webm_number(data, position, keep_mark=False)
        if element is None:
            break
        if element in _WEBM_CONTAINERS:
            continue
        if size is None:
            break
        content = data[position : position + size]
        if element in (_WEBM_SIMPLE_BLOCK, _WEBM_BLOCK) and len(content) > 4:
            # One byte of track number, two of time, one of flags.
            packets.append(content[4:])
        elif element == _WEBM_CODEC_PRIVATE and content.startswith(b"OpusHead"):
            head = content
        position += size
    return packets, head


def _webm_number(data: bytes, position: int, keep_mark: bool) -> tuple[int | None, int]:
    """Read a number of variable length; None when it is unknown or cut off."""
    first = data[position] if position < len(data) else 0
    if not first:
        return None, position + 1
    size = 9 - first.bit_length()
    value = int.from_bytes(data[position : position + size], "big")
    mark = 1 << (7 * size)
    end = position + size
    if keep_mark:
        return value, end
    return (None if value - mark == mark - 1 else value - mark), end


def video() -> bytes:
    """Return the smallest file that has the marks of an MP4; it shows nothing."""
    brand = b"ftypisom\0\0\x02\0isomiso2mp41"
    return struct.pack(">I", len(brand) + 4) + brand + struct.pack(">I", 8) + b"mdat"


@cache
def of_kind(kind: str) -> tuple[bytes, str, str]:
    """Return (bytes, MIME type, file name) of the sample for a kind of message."""
    if kind == "image":
        return png(), "image/png", "photo.png"
    if kind == "sticker":
        return webp(), "image/webp", "sticker.webp"
    if kind == "audio":
        return voice(), "audio/ogg; codecs=opus", "voice.ogg"
    if kind == "video":
        return video(), "video/mp4", "video.mp4"
    return pdf(), "application/pdf", "sample.pdf"
