# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``python -m gupshup_emulator``: run the emulator until it is told to stop."""

import argparse
import asyncio
import errno
import signal
import sys
from pathlib import Path

from .emulator import Emulator, Options, StateFileError, app_from_text, default_app
from .server import Server


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gupshup_emulator",
        description="A local double of GupShup's WhatsApp API, with a phone page.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=int, default=8090, help="port; 0 takes a free one"
    )
    parser.add_argument(
        "--public-url",
        help="address under which clients reach the emulator (for media links)",
    )
    parser.add_argument("--state", type=Path, help="file that keeps the state")
    parser.add_argument("--api-key", default="emulator-key", help="key of the apps")
    parser.add_argument(
        "--app",
        action="append",
        default=[],
        metavar="NAME:APPID:NUMBER",
        help="a business number; may be given several times",
    )
    parser.add_argument(
        "--callback", help="callback address of the first app, not tried beforehand"
    )
    parser.add_argument(
        "--fast", action="store_true", help="no delays: for tests and load"
    )
    return parser


def _options(arguments: argparse.Namespace) -> Options:
    key = arguments.api_key
    apps = [app_from_text(text, key) for text in arguments.app]
    return Options(
        apps=apps or [default_app(key)],
        callback=arguments.callback,
        fast=arguments.fast,
        state_file=arguments.state,
        public_url=(arguments.public_url or "").rstrip("/"),
    )


async def _serve(options: Options, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Server(Emulator(options), host, port) as server:
        print(f"emulator ready on {server.url}", flush=True)
        await stop.wait()


def main() -> int:
    """Run the command line; return the exit status."""
    parser = _parser()
    arguments = parser.parse_args()
    try:
        options = _options(arguments)
    except ValueError as error:
        parser.error(str(error))
    try:
        asyncio.run(_serve(options, arguments.host, arguments.port))
    except StateFileError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(
            f"port {arguments.port} on {arguments.host} is taken: stop what listens"
            " there, or choose another one with --port (0 takes a free one)",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
