"""All commands in one program, and `main`, the only place where an exception becomes an exit status.

Decided here: the tree of commands, and that ``verify`` is handed as it is to the checking counter's own
command line. Left to others: the commands (the modules beside this one), the words of failures.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from issuer.cli import (
    bodies,
    changes,
    copying,
    keyring,
    making,
    people,
    printing,
    scheme,
    serving,
    staff,
    trust,
)
from issuer.cli.arguments import FolderCommand, NewFolderCommand
from issuer.cli.failures import INTERRUPTED, WRONG_USE, UsageFault, refuse, unexpected, wrong_use
from issuer.cli.output import note
from issuer.cli.words import say
from passport.errors import PassportError

__all__ = ["app", "main"]


app = typer.Typer(
    name="passport",
    help="Attestations locales de compétences numériques : délivrer, imprimer, retirer, publier, vérifier.",
    epilog="Codes de retour : 0 fait, 1 refusé, 2 commande mal écrite.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
_body = typer.Typer(help="Organismes du réseau.", no_args_is_help=True)
_keys = typer.Typer(help="Clés de signature.", no_args_is_help=True)
_person = typer.Typer(help="Données d’une personne.", no_args_is_help=True)
_staff = typer.Typer(help="Équipe du guichet.", no_args_is_help=True)
_trust = typer.Typer(help="Liste de confiance.", no_args_is_help=True)

app.command(cls=NewFolderCommand)(scheme.init)
app.command()(serving.demo)
app.command(cls=FolderCommand)(serving.serve)
app.add_typer(_body, name="body")
_body.command("add", cls=FolderCommand)(bodies.add)
_body.command("list", cls=FolderCommand)(bodies.show)
_body.command("token", cls=FolderCommand)(bodies.token)
_body.command("close", cls=FolderCommand)(bodies.close)
app.add_typer(_person, name="person")
_person.command("export", cls=FolderCommand)(people.export)
_person.command("erase", cls=FolderCommand)(people.erase)
_person.command("over", cls=FolderCommand)(people.over)
app.add_typer(_staff, name="staff")
_staff.command("list", cls=FolderCommand)(staff.show)
_staff.command("link", cls=FolderCommand)(staff.link)
_staff.command("end", cls=FolderCommand)(staff.end)
app.command("issue", cls=FolderCommand)(making.issue_file)
app.command(cls=FolderCommand)(changes.withdraw)
app.command(cls=FolderCommand)(changes.suspend)
app.command(cls=FolderCommand)(changes.restore)
app.command(cls=FolderCommand)(changes.correct)
app.command(cls=FolderCommand)(changes.replace)
app.command(cls=FolderCommand)(printing.reprint)
app.add_typer(_keys, name="keys")
_keys.command("list", cls=FolderCommand)(keyring.show)
_keys.command("rotate", cls=FolderCommand)(keyring.rotate)
_keys.command("refuse", cls=FolderCommand)(keyring.refuse)
app.add_typer(_trust, name="trust")
_trust.command("show", cls=FolderCommand)(trust.show)
_trust.command("publish", cls=FolderCommand)(trust.publish_list)
app.command("publish", cls=FolderCommand)(trust.publish_documents)
app.command(cls=FolderCommand)(scheme.check)
app.command(cls=FolderCommand)(scheme.migrate)
app.command(cls=FolderCommand)(scheme.backup)
app.command(cls=FolderCommand)(copying.copy)
app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False
)(serving.verify)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status. Nothing but `KeyboardInterrupt` of a second Ctrl-C escapes."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["verify"]:
        return serving.run_verify(words[1:])
    as_json = "--json" in words
    try:
        return _exit_status(app(args=words, prog_name="passport", standalone_mode=False))
    except typer.Exit as error:
        return _left(int(error.exit_code))
    except (KeyboardInterrupt, typer.Abort):
        return _left(INTERRUPTED)
    except TyperException as error:
        words_said = _usage_words(error)
        if not words_said:
            return WRONG_USE  # a group without its command: its help was shown, and says it all
        return wrong_use(words_said, command=_command_of(error), as_json=as_json)
    except UsageFault as error:
        return wrong_use(str(error), command="passport", as_json=as_json)
    except PassportError as error:
        return refuse(error, as_json=as_json)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 (the last door: no traceback reaches a person)
        return unexpected(error, as_json=as_json)


def _left(status: int) -> int:
    """Return the status that a command left with; Typer makes one of Ctrl-C, without a word."""
    if status == INTERRUPTED:
        note(say("interrupted"))
    return status


def _exit_status(answer: object) -> int:
    # With standalone_mode off an `Exit`, and the one that Ctrl-C becomes, are given back as a number.
    return _left(answer) if isinstance(answer, int) else 0


def _usage_words(error: TyperException) -> str:
    """Return what the parser of words found; its exceptions all have this method."""
    said = getattr(error, "format_message", None)
    return str(said() if callable(said) else error)


def _command_of(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return str(context.command_path) if context is not None else "passport"
