"""`tributary`: each command a thin door to a job or a reading of what a job left.

Exit codes: 0 published (or answered); 1 a fault of ours; 2 usage; 3 refused by the quality gate, the last release
stays; 4 no usable input.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from orchestration.lib.faults import NoInputError, UsageError, describe


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. A user's mistake gives one paragraph on stderr."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.command(options))
    except (UsageError, NoInputError) as error:
        code = 2 if isinstance(error, UsageError) else 4
        print(str(error), file=sys.stderr)
        if getattr(options, "json", False):
            print(json.dumps({"exit_code": code, "status": "failed", "reason": str(error)}))
        return code
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted; the last release stays", file=sys.stderr)
        return 1
    except Exception as error:
        print(f"a fault of ours: {describe(error)}", file=sys.stderr)
        if getattr(options, "json", False):
            print(json.dumps({"exit_code": 1, "status": "failed", "reason": describe(error)}))
        return 1


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no date: write YYYY-MM-DD") from None


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number above 0")
    return int(text)


def _vars(text: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError("write names and values in braces: '{reporting_currency: GBP}'")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tributary", description="A batch customer warehouse: raw exports in, one governed release out."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    demo = commands.add_parser("demo", help="write a world of exports and its truth beside it")
    demo.add_argument("--out", type=Path, required=True, help="a folder that is empty or does not exist")
    demo.add_argument("--customers", type=_positive, default=2000)
    demo.add_argument("--days", type=_positive, default=540, help="days of history")
    demo.add_argument("--end", type=_day, help="last day of the world (default: a fixed day)")
    demo.add_argument("--seed", type=int, default=7)
    demo.add_argument("--faults", action="store_true", help="plant one of each known fault")
    demo.set_defaults(command=_demo)

    refresh = commands.add_parser("refresh", help="one daily refresh: raw exports in, one release out")
    _places(refresh)
    refresh.add_argument(
        "--as-of", type=_day, help="the day to refresh for (default: the latest dt that landed, else yesterday)"
    )
    _running(refresh)
    refresh.add_argument(
        "--dry-run", action="store_true", help="stop at identity and print what would change; publish nothing"
    )
    refresh.set_defaults(command=_refresh)

    backfill = commands.add_parser("backfill", help="the refreshes of several days, in order")
    _places(backfill)
    backfill.add_argument("--from", dest="first", type=_day, required=True)
    backfill.add_argument("--to", dest="last", type=_day, required=True)
    _running(backfill)
    backfill.set_defaults(command=_backfill)

    train = commands.add_parser("train-links", help="learn what agreements between person records are worth")
    train.add_argument(
        "--home", type=Path, help="home folder of a refreshed warehouse (TRIBUTARY_HOME, else data/home)"
    )
    train.add_argument("--out", type=Path, help="file to write (default: the model of this code, to be committed)")
    train.set_defaults(command=_train_links)

    status = commands.add_parser("status", help="the current release, its age, last runs, open quality failures")
    status.add_argument("--home", type=Path, help="home folder (TRIBUTARY_HOME, else data/home)")
    status.add_argument("--json", action="store_true", help="one JSON object on stdout")
    status.set_defaults(command=_status)

    segments = commands.add_parser("segments", help="every segment: definition, size, goal, verdict; or one of them")
    segments.add_argument("name", metavar="NAME", nargs="?", help="one segment, with its plan and how it does")
    segments.add_argument("--home", type=Path, help="home folder (TRIBUTARY_HOME, else data/home)")
    segments.add_argument("--json", action="store_true", help="one JSON object on stdout")
    segments.set_defaults(command=_segments)

    explain = commands.add_parser("explain", help="why a customer is one customer, and what led to a conversion")
    explain.add_argument(
        "one",
        metavar="ID_OR_IDENTIFIER",
        help="a customer id, an identifier in clear or as its hash, type:value, order:<id>, deal:<id>, "
        "signup:<event id>, or source:entity:id",
    )
    explain.add_argument("others", metavar="OTHER", nargs="*", help="another one: the way from the first to it")
    explain.add_argument("--home", type=Path, help="home folder (TRIBUTARY_HOME, else data/home)")
    explain.add_argument("--reveal", action="store_true", help="show direct identifiers in clear")
    explain.add_argument("--html", type=Path, metavar="FILE", help="write a page for stewards instead")
    explain.add_argument("--json", action="store_true", help="one JSON object on stdout")
    explain.set_defaults(command=_explain)
    return parser


def _places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--landing", type=Path, help="landing folder (TRIBUTARY_LANDING, else data/landing)")
    parser.add_argument("--home", type=Path, help="home folder (TRIBUTARY_HOME, else data/home)")


def _running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rebuild", action="store_true", help="forget the warehouse and load everything again")
    parser.add_argument("--vars", type=_vars, default={}, help="vars over those of dbt_project.yml, as YAML")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout, and nothing else there")


def _demo(options: argparse.Namespace) -> int:
    from orchestration.lib.demo import DEFAULT_END, WorldTooSmallError, write_world

    out: Path = options.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not empty. Give --out a folder that is empty or does not exist.")
    key = os.environ.get("TRIBUTARY_HASH_KEY") or ""
    end = options.end or DEFAULT_END
    try:
        summary = write_world(out, options.customers, options.days, end, options.seed, options.faults, key)
    except WorldTooSmallError as error:
        raise UsageError(str(error)) from error
    rows = sum(summary.rows.values())
    print(f"{out}: {rows:,} rows of {len(summary.rows)} tables in {summary.files:,} files, up to {summary.end}")
    print(f"truth: {summary.truth}")
    if options.faults:
        print(f"faults planted: {len(summary.faults)}")
    return 0


def _use(options: argparse.Namespace) -> None:
    """Hand the options to the job: jobs read the environment, whoever starts them."""
    if options.home:
        os.environ["TRIBUTARY_HOME"] = str(options.home.absolute())
    if getattr(options, "landing", None):
        os.environ["TRIBUTARY_LANDING"] = str(options.landing.absolute())
    if getattr(options, "vars", None):
        from orchestration.lib.settings import given_vars

        # YAML reads dates that JSON does not have; vars are texts to dbt.
        os.environ["TRIBUTARY_VARS"] = json.dumps({**given_vars(), **options.vars}, default=str)


def _refresh(options: argparse.Namespace) -> int:
    from orchestration.run import refresh

    if options.dry_run and options.rebuild:
        raise UsageError("--dry-run tells what a refresh would change; it does not go with --rebuild. Leave one out.")
    _use(options)
    if options.dry_run:
        from orchestration.preview import preview

        return preview(as_of=options.as_of, as_json=options.json)
    return refresh(as_of=options.as_of, rebuild=options.rebuild, as_json=options.json)


def _backfill(options: argparse.Namespace) -> int:
    from orchestration.run import backfill

    if options.last < options.first:
        raise UsageError(f"--to {options.last} is before --from {options.first}.")
    _use(options)
    return backfill(options.first, options.last, rebuild=options.rebuild, as_json=options.json)


def _train_links(options: argparse.Namespace) -> int:
    from orchestration.lib.linking.score import MODEL
    from orchestration.lib.linking.train import train
    from orchestration.lib.lock import hold
    from orchestration.lib.settings import home_folder
    from orchestration.lib.warehouse import connect

    _use(options)
    home = home_folder()
    if not home.warehouse.exists():
        raise UsageError(f"{home.root} holds no warehouse. Refresh one first: tributary refresh --home {home.root}")
    hold(home)
    out = options.out or MODEL
    with connect(home) as con:
        train(con, out, lambda text: print(text, file=sys.stderr))
    print(f"{out}: commit it; the next refresh scores every pair anew")
    return 0


def _status(options: argparse.Namespace) -> int:
    from orchestration.status import status

    _use(options)
    return status(as_json=options.json)


def _segments(options: argparse.Namespace) -> int:
    from orchestration.segments import segments

    _use(options)
    return segments(options.name, as_json=options.json)


def _explain(options: argparse.Namespace) -> int:
    from orchestration.explain import explain

    if len(options.others) > 1:
        raise UsageError("Explain takes one or two. Put quotes around what has spaces in it.")
    _use(options)
    other = options.others[0] if options.others else None
    return explain(options.one, other, options.reveal, options.html, options.json)


if __name__ == "__main__":
    sys.exit(main())
