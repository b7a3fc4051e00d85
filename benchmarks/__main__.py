"""``python -m benchmarks [--quick] [--workers N]… [NAME…]``, see README.md."""

import argparse
import os
import platform
import signal
import sys
import time
from pathlib import Path

from tools import odoo_env

from . import flood, history, measures, report, rig, routing, screen, sending

MEASURES = {
    "ack": measures.acknowledgement,
    "ingest": measures.ingestion,
    "visible": measures.visibility,
    "receipts": measures.receipts,
    "flood": flood.flood,
    "sending": sending.sending,
    "routing": routing.routing,
    "screen": screen.screen,
    "history": history.history,
}
RESULTS = Path(__file__).resolve().parent / "results"


def arguments():
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASURES)}"
    )
    parser.add_argument("--quick", action="store_true", help="a minute, to smoke-test")
    parser.add_argument(
        "--workers",
        type=int,
        action="append",
        help="Odoo's --workers; may be repeated; default 1 and 2",
    )
    parser.add_argument("--customers", type=int, help="default 500; quick 40")
    parser.add_argument("--json", type=Path, help="where the figures go")
    options = parser.parse_args()
    unknown = set(options.names) - MEASURES.keys()
    if unknown:
        parser.error(f"no measure {', '.join(sorted(unknown))}")
    options.names = options.names or list(MEASURES)
    options.workers = options.workers or ([2] if options.quick else [1, 2])
    options.customers = options.customers or (40 if options.quick else 500)
    options.json = options.json or RESULTS / time.strftime("%Y%m%d-%H%M%S.json")
    return options


def machine():
    """Return what the figures depend on."""
    version = odoo_env.execute("SHOW server_version")[0][0]
    return {
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "postgresql": version,
    }


def run(options, rows):
    """Measure, adding to ``rows``."""
    with rig.prepared_database(options.customers) as (template, customers):
        for workers in options.workers:
            with rig.Rig(template, customers, workers) as bench:
                for name in options.names:
                    measure(name, bench, options.quick, rows)


def measure(name, bench, quick, rows):
    """Run one measure, adding its rows to ``rows`` and showing them as they come."""
    began = time.monotonic()
    try:
        for row in MEASURES[name](bench, quick):
            rows.append(row)
            ratio = "" if row.ratio is None else f" ({row.ratio:.2f} ×)"
            print(f"  {row.what}, {row.setting}: {row.value:.3g} {row.unit}{ratio}")
    except rig.RigError as error:
        print(f"  {name}, {bench.setting()}: FAILED, {error}", file=sys.stderr)
    print(f"  {name}: {time.monotonic() - began:.0f} s", flush=True)


def main():
    """Measure, print the table, write the file."""
    options = arguments()
    # However this ends, the processes that it has started are stopped.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    rows = []
    try:
        run(options, rows)
    except KeyboardInterrupt:
        print("Interrupted; what was measured until then:", file=sys.stderr)
    print()
    print(report.table(rows))
    report.write_json(options.json, machine(), rows)
    print(f"\n{options.json}")


if __name__ == "__main__":
    main()
