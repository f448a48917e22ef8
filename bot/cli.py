"""The `refunddesk` command. Each command imports what it needs itself: `--help` stays quick."""

import json
import os
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.errors import BadInput, RefundDeskError
from bot.settings import get_settings

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__.splitlines()[0]
)
policy_app = typer.Typer(no_args_is_help=True, help="Rule packs.")
orders_app = typer.Typer(no_args_is_help=True, help="Orders of the embedded back end.")
app.add_typer(policy_app, name="policy")
app.add_typer(orders_app, name="orders")
agents_app = typer.Typer(no_args_is_help=True, help="People who use the console.")
app.add_typer(agents_app, name="agents")

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def main() -> None:
    """Entry point: our own errors become one sentence on standard error and exit code 2."""
    try:
        app()
    except RefundDeskError as error:
        print(f"refunddesk: {error.detail}", file=sys.stderr)
        sys.exit(2)
    except ModuleNotFoundError as error:
        print(f"refunddesk: {error.name} is not installed: run make install.", file=sys.stderr)
        sys.exit(2)


def _print_json(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


@app.command()
def run() -> None:
    """Train if needed, start desk, Rasa and action server, print the addresses, stop all on Ctrl-C."""
    from bot.commands.run import Runner

    raise typer.Exit(Runner(get_settings(), Console()).run())


@app.command()
def train(force: Annotated[bool, typer.Option(help="Train even if a model matches.")] = False) -> None:
    """Train the model that matches config, domain and data."""
    from bot.commands.train import ensure_model

    print(ensure_model(get_settings(), Console(stderr=True), force=force))


@app.command()
def chat(
    sender: Annotated[str, typer.Option(help="Go on with an earlier conversation.")] = "",
    identity: Annotated[str, typer.Option(help="Signed identity of a buyer.")] = "",
) -> None:
    """Talk to the running bot in the terminal."""
    from bot.commands.chat import Chat, converse

    with closing(Chat(get_settings(), sender=sender, identity=identity)) as conversation:
        converse(conversation, Console())


@app.command()
def parse(text: str, as_json: Json = False) -> None:
    """Show how a message is understood."""
    from bot.commands.train import ensure_model
    from bot.nlu.parser import Parser

    parsed = Parser.load(ensure_model(get_settings(), Console(stderr=True))).parse(text)
    data = parsed.model_dump(mode="json")
    if as_json:
        _print_json(data)
        return
    reason = data["reason"]
    print(f"language  {data['language']}")
    print(f"intent    {data['intent']['name']}  {data['intent']['confidence']:.2f}")
    print(f"reason    {reason['name']}  {reason['confidence']:.2f}" if reason else "reason    none")
    for entity in data["entities"]:
        print(f"entity    {entity['entity']} = {entity['value']}  [{entity['start']}:{entity['end']}]")


@app.command()
def evaluate(file: Path, as_json: Json = False) -> None:
    """Measure the understanding on labelled lines ({"text", "language", "intent", "reason"?})."""
    from bot.commands.train import ensure_model
    from bot.nlu.evaluate import evaluate as measure
    from bot.nlu.parser import Parser

    parser = Parser.load(ensure_model(get_settings(), Console(stderr=True)))
    report = measure(file, parser).model_dump(mode="json")
    if as_json:
        _print_json(report)
        return
    table = Table("measure", "value")
    for name, value in report.items():
        if isinstance(value, int | float):
            table.add_row(name, f"{value:.3f}" if isinstance(value, float) else str(value))
        else:
            table.add_row(name, json.dumps(value, ensure_ascii=False))
    Console().print(table)


@app.command()
def decide(
    order: Annotated[str, typer.Option(help="Order number in the desk's database, or a JSON file.")],
    reason: Annotated[str, typer.Option(help="One of the sixteen reasons.")],
    date: Annotated[str, typer.Option(help="ISO 8601 moment of the request; now if empty.")] = "",
    fact: Annotated[list[str] | None, typer.Option(help="What the buyer says, e.g. intact=yes.")] = None,
    language: Annotated[str, typer.Option(help="zh-Hans, zh-Hant or en.")] = "en",
    as_json: Json = False,
) -> None:
    """Show what the rules say about one order and reason, and which rule says it."""
    from bot.commands.decide import decide_order, print_decision

    try:
        moment = datetime.fromisoformat(date) if date else datetime.now(UTC)
    except ValueError:
        raise BadInput(f"{date!r} is not a date: write 2026-09-11T12:00:00+08:00.") from None
    found, decision = decide_order(get_settings(), order=order, reason=reason, now=moment, facts=fact or [])
    if as_json:
        _print_json(decision.model_dump(mode="json") | {"rule_ids": decision.rule_ids})
    else:
        print_decision(found, decision, language, Console())


@policy_app.command("check")
def policy_check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder with the rule packs; the configured one if empty.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read the rule packs; refuse a shop rule that takes away a statutory right."""
    from bot.policy.packs import check_shop, load_packs

    problems = check_shop(load_packs(folder or get_settings().policies_dir, strict=False))
    if as_json:
        _print_json({"problems": problems})
    else:
        for problem in problems:
            print(problem)
        print(f"{len(problems)} problems" if problems else "all rule packs are in order")
    raise typer.Exit(1 if problems else 0)


@orders_app.command("import")
def orders_import(file: Path, as_json: Json = False) -> None:
    """Take orders from a JSON or CSV file; good rows are kept, each bad one is reported with its line."""
    from bot.commands.orders import import_file

    result = import_file(get_settings(), file)
    if as_json:
        _print_json(result)
    else:
        for row in result["bad"]:
            print(f"line {row['line']}: {row['reason']}")
        print(f"{result['taken']} orders taken, {len(result['bad'])} refused")
    raise typer.Exit(1 if result["bad"] else 0)


@agents_app.command("add")
def agents_add(
    username: str,
    name: Annotated[str, typer.Option(help="The name buyers see; the user name if empty.")] = "",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Add a person who may log in to the console."""
    from bot.commands.agents import add_agent

    add_agent(get_settings(), username=username, password=password, name=name)
    print(f"{username} can log in to the console now")


@app.command()
def bench(
    turns: Annotated[int, typer.Option(help="Turns measured.")] = 200,
    stock_epochs: Annotated[int, typer.Option(help="Epochs of the stock DIET; Rasa's own default is 300.")] = 20,
    as_json: Json = False,
) -> None:
    """Measure parse, full turn and long conversations beside a stock Rasa trained on the same data."""
    from bot.commands.bench import measure, print_report

    report = measure(get_settings(), Console(stderr=True), turns=turns, stock_epochs=stock_epochs)
    if as_json:
        _print_json(report)
    else:
        print_report(report, Console())


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed, configured and reachable."""
    from bot.commands.doctor import examine

    findings = list(examine(get_settings()))
    if as_json:
        _print_json([vars(finding) for finding in findings])
    else:
        table = Table("", "what", "finding", box=None)
        marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "bad": "[red]bad[/]"}
        for finding in findings:
            table.add_row(marks[finding.status], finding.name, finding.detail)
        Console().print(table)
    raise typer.Exit(1 if any(finding.status == "bad" for finding in findings) else 0)


if __name__ == "__main__":
    main()
