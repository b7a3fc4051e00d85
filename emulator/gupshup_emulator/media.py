# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Files: those that customers sent, those uploaded, and copies of those fetched."""

import hashlib
import json
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

from .clock import Clock

INBOUND_DAYS = 7
UPLOAD_DAYS = 30
INVALID_FETCHES = 20
LOCK_SECONDS = 3600
BYTES_KEPT = 512 * 1024 * 1024


@dataclass
class Media:
    """One file. `origin` is inbound, upload, sample or fetched; times are emulated."""

    id: str
    app_id: str
    origin: str
    mime_type: str
    name: str
    size: int
    sha256: str
    created: float
    expires: float
    data: bytes = b""


class MediaStore:
    """Keeps files in memory, the newest half gigabyte of them."""

    def __init__(self, clock: Clock):
        self._clock = clock
        self._items: dict[str, Media] = {}
        self._size = 0
        self._invalid: dict[str, deque[float]] = {}
        self._locked: dict[str, float] = {}

    def add(
        self,
        media_id: str,
        app_id: str,
        origin: str,
        data: bytes,
        mime_type: str,
        name: str,
    ) -> Media:
        """Store a file under an id."""
        days = UPLOAD_DAYS if origin in ("upload", "sample") else INBOUND_DAYS
        now = self._clock.now()
        media = Media(
            id=media_id,
            app_id=app_id,
            origin=origin,
            mime_type=mime_type,
            name=name,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            created=now,
            expires=now + days * 86_400,
            data=data,
        )
        self._items[media_id] = media
        self._size += media.size
        while self._size > BYTES_KEPT and len(self._items) > 1:
            self._size -= self._items.pop(next(iter(self._items))).size
        return media

    def get(self, media_id: str) -> Media | None:
        """Return a file, expired or not."""
        return self._items.get(media_id)

    def valid(self, media_id: str, app_id: str, *origins: str) -> Media | None:
        """Return a file of this app and one of these origins that has not expired."""
        media = self._items.get(media_id)
        if not media or media.app_id != app_id or media.origin not in origins:
            return None
        return media if self._clock.now() < media.expires else None

    def clear(self) -> None:
        """Forget every file and every lock-out."""
        self._items.clear()
        self._invalid.clear()
        self._locked.clear()
        self._size = 0

    # The lock-out after invalid downloads

    def locked_until(self, app_id: str) -> float | None:
        """Return until when downloads of an app are refused, in emulated seconds."""
        until = self._locked.get(app_id, 0.0)
        return until if until > self._clock.now() else None

    def note_invalid(self, app_id: str) -> None:
        """Count an invalid download; too many within an hour lock the app out."""
        now = self._clock.now()
        seen = self._invalid.setdefault(app_id, deque())
        seen.append(now)
        while seen and seen[0] < now - LOCK_SECONDS:
            seen.popleft()
        if len(seen) >= INVALID_FETCHES:
            self._locked[app_id] = now + LOCK_SECONDS
            seen.clear()

    # Files on disk

    def save(self, folder: Path) -> None:
        """Write new files and an index into a folder, and remove what is gone."""
        folder.mkdir(parents=True, exist_ok=True)
        names = {media.sha256 for media in self._items.values()}
        for media in self._items.values():
            target = folder / media.sha256
            if not target.exists():
                target.write_bytes(media.data)
        for path in folder.iterdir():
            if path.name != "index.json" and path.name not in names:
                path.unlink()
        rows = [asdict(media) | {"data": None} for media in self._items.values()]
        (folder / "index.json").write_text(json.dumps(rows))

    def load(self, folder: Path) -> None:
        """Read what `save` wrote."""
        index = folder / "index.json"
        if not index.exists():
            return
        for row in json.loads(index.read_text()):
            row["data"] = (folder / row["sha256"]).read_bytes()
            self._items[row["id"]] = Media(**row)
            self._size += row["size"]
