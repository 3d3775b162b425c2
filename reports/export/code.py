"""What one actor does, as JavaScript that a person can read: a function for each of its steps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from portolan.conformance.trace import steps as s
from portolan.reports.export.literals import literal, text
from portolan.reports.text.prose import step_sentence, words

INDENT = "  "
ONE_TIME = frozenset({"runtime.onMessage", "runtime.onMessageExternal"})
"""Events of one-time messages."""

MEANT = re.compile(r"(.+)#(\d+)")
"""A port that a listener was given: whose, and the how manieth."""


def block(head: str, lines: Sequence[str], end: str = "}") -> Iterator[str]:
    """Lines in a block."""
    yield head
    yield from (f"{INDENT}{line}" for line in lines)
    yield end


class Actor:
    """The source of one actor's file. ``listeners``: what it listens to from its start."""

    def __init__(self, name: str, tasks: Sequence[tuple[int, s.Task]], listeners: Sequence[s.Listener] = ()) -> None:
        self.name, self.tasks, self.listeners = name, tasks, listeners
        self._names: dict[str, str] = {}
        self._variables: dict[str, str] = {}
        self._this = "port"
        """What stands for the port of the event that is being handled."""

    def source(self, intro: str, first: Sequence[str] = ()) -> str:
        """The whole file."""
        top = [
            line
            for each in self.listeners
            for line in self._listen(s.Listen(each.listener, each.event, None, each.then))
        ]
        does = [line for number, task in self.tasks for line in ["", *self._step(number, task)]]
        kept = [f"{word} {name}{value};" for name, (word, value) in self._declared().items()]
        lines = [f"// {intro}", '"use strict";', *([""] if first else []), *first, "", f"beginAs({text(self.name)});"]
        lines += ["", *kept] if kept else []
        lines += ["", *top] if top else []
        return "\n".join([*lines, *does, "", "ready();", ""])

    def _declared(self) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for name, kind in self._variables.items():
            found[name] = ("const", " = []") if kind == "ports" else ("let", "")
        return found

    def _step(self, number: int, task: s.Task) -> Iterator[str]:
        yield f"// Step {number}: {step_sentence(task)}."
        lines = [line for op in task.ops for line in self._op(op)]
        yield from block(f"steps[{number}] = () => {{", lines, "};")

    # ---- names

    def _variable(self, name: str, kind: str) -> str:
        """The variable for a port, a listener's ports, or a listener."""
        known = f"{kind} {name}"
        if known not in self._names:
            short = name.removeprefix(f"{self.name}.")
            made = re.sub(r"\W+(.)?", lambda match: (match[1] or "").upper(), short) or "it"
            made = f"{made}Ports" if kind == "ports" else f"{made}Listener" if kind == "listener" else made
            made = f"_{made}" if made[0].isdigit() else made
            while made in self._variables:
                made += "_"
            self._names[known], self._variables[made] = made, kind
        return self._names[known]

    def _port(self, name: str) -> str:
        if name == s.THIS_PORT:
            return self._this
        if meant := MEANT.fullmatch(name):
            return f"{self._variable(meant[1], 'ports')}[{int(meant[2]) - 1}]"
        return self._variable(name, "port")

    def _said(self, name: str) -> str:
        """A port in what is told."""
        return "port" if name == s.THIS_PORT else name.removeprefix(f"{self.name}.")

    # ---- ops

    def _op(self, op: s.AnyOp) -> Iterator[str]:
        match op:
            case s.Connect():
                args = ", ".join(map(literal, op.args))
                said = f"{op.api}({', '.join(map(words, op.args))})"
                yield f"{self._port(op.port)} = attempt({text(said)}, () => api.{op.api}({args}));"
            case s.Post():
                args = ", ".join(map(literal, op.args))
                said = f"{self._said(op.port)}.postMessage({', '.join(map(words, op.args))})"
                yield f"attempt({text(said)}, () => {self._port(op.port)}.postMessage({args}));"
            case s.Disconnect():
                yield f"attempt({text(self._said(op.port) + '.disconnect()')}, () => {self._port(op.port)}.disconnect());"
            case s.Listen():
                yield from self._listen(op)
            case s.Unlisten():
                yield from self._again(op.listener, "removeListener")
            case s.Relisten():
                yield from self._again(op.listener, "addListener")
            case s.Read():
                yield f'tell("note", `{self._said(op.port)}.{op.path}: ${{show({self._port(op.port)}.{op.path})}}`);'
            case s.Probe():
                yield f'tell("note", `typeof {op.path}: ${{typeof at({_root(op.path)}, {text(op.path)})}}`);'
            case _:
                yield from self._rest(op)

    def _rest(self, op: s.AnyOp) -> Iterator[str]:
        match op:
            case s.Ask():
                yield from _ask(op)
            case s.HearEnd():
                yield f"hearEnd({json.dumps(op.hold)});"
            case s.ConnectMany():
                call = f"api.{op.api}({', '.join(map(literal, op.args))})"
                said = f"{op.api}({', '.join(map(words, op.args))}), {op.count} times"
                yield f"attempt({text(said)}, () => connectMany({text(op.group)}, {op.count}, () => {call}));"
            case s.WelcomeMany():
                yield f"welcomeMany({text(op.group)});"
            case s.Tally():
                yield f'tell("note", {text(op.group + ": ")} + show(tallyOf({text(op.group)})));'
            case s.Describe():
                root = self._port(op.port) if op.port else "api"
                yield f'tell("note", describe(at({root}, {text(op.path)})));'
            case s.Throw():
                yield f"throw new Error({text(op.message)});"
            case s.PostMany():
                said = f"{self._said(op.port)}.postMessage(0), (1) and so on: {op.count} messages"
                yield from block(
                    f"attempt({text(said)}, () => {{",
                    [f"for (let i = 0; i < {op.count}; i++) {self._port(op.port)}.postMessage(i);"],
                    "});",
                )
            case s.Count():
                yield f"count({self._port(op.port)});"
            case s.PushState():
                yield f'history.pushState(null, "", `${{location.href}}#${{{text(op.fragment)}}}`);'
                yield 'tell("note", location.href);'
            case s.SetGlobal():
                yield f"globalThis[{text(op.name)}] = {', '.join(map(literal, op.args))};"
            case s.ReadGlobal():
                yield f'tell("note", `globalThis.{op.name}: ${{show(globalThis[{text(op.name)}])}}`);'
            case _ if isinstance(op, s.NATIVE_OPS):
                yield f"// {type(op).__name__}: only a native application can do this."
            case _:
                raise NotImplementedError(f"reports/export/code.py cannot write {type(op).__name__}")

    def _again(self, listener: str, call: str) -> Iterator[str]:
        yield f"{self._variable(listener, 'listener')}.{call}();"

    def _listen(self, op: s.Listen) -> Iterator[str]:
        if op.event in ONE_TIME:
            yield from self._listen_for_messages(op)
            return
        if op.port is None:
            yield from self._listen_for_ports(op)
            return
        port, event = self._port(op.port), op.event
        label = op.listener.removeprefix(f"{op.port}.{event}").lstrip(".")
        arg = "message" if event == "onMessage" else "ended"
        shown = "show(message)" if event == "onMessage" else "reasons(ended)"
        said = f"`{self._said(op.port)}{f' ({label})' if label else ''}: ${{{shown}}}`"
        if op.port == s.THIS_PORT:
            said = f"`${{nameOf(port)}}{f' ({label})' if label else ''}: ${{{shown}}}`"
        outer, self._this = self._this, port
        lines = [f'tell("{event}", {said});', *self._reaction(op.then)]
        self._this = outer
        yield from self._added(op, f"{port}.{event}", arg, lines)

    def _listen_for_ports(self, op: s.Listen) -> Iterator[str]:
        ports = self._variable(op.listener, "ports")
        event = op.event.partition(".")[2]
        lines = [f"nameIt(port, `{self._said(op.listener)}#${{{ports}.push(port)}}`);"]
        lines += [f'tell("{event}", `${{nameOf(port)}}: named ${{show(port.name)}}, from ${{show(port.sender)}}`);']
        outer, self._this = self._this, "port"
        lines += self._reaction(op.then)
        self._this = outer
        yield from self._added(op, f"api.{op.event}", "port", lines)

    def _listen_for_messages(self, op: s.Listen) -> Iterator[str]:
        event = op.event.partition(".")[2]
        lines = [*block("if (isOurs(message)) {", ["return;"]), f'tell("{event}", show(message));']
        lines += [f"answer({literal(each)});" for each in op.answers]
        yield from self._added(op, f"api.{op.event}", "message, sender, answer" if op.answers else "message", lines)

    def _reaction(self, then: Sequence[s.AnyOp]) -> Iterator[str]:
        thrown = [op for op in then if isinstance(op, s.Throw)]
        for op in [*(op for op in then if op not in thrown), *thrown]:
            yield from self._op(op)

    def _added(self, op: s.Listen, target: str, argument: str, lines: Sequence[str]) -> Iterator[str]:
        if not self._is_named(op.listener):
            yield from block(f"{target}.addListener(({argument}) => {{", lines, "});")
            return
        variable = self._variable(op.listener, "listener")
        yield from block(f"{variable} = listener({target}, ({argument}) => {{", lines, "});")
        yield f"{variable}.addListener();"

    def _is_named(self, listener: str) -> bool:
        """Whether some step removes a listener, or adds it again."""
        return any(
            isinstance(op, (s.Unlisten, s.Relisten)) and op.listener == listener
            for _, task in self.tasks
            for op in every(task.ops)
        )


def _ask(op: s.Ask) -> Iterator[str]:
    """A one-time message, or a question to the browser."""
    said, args = f"{op.api}({', '.join(map(words, op.args))})", ", ".join(map(literal, op.args))
    if op.how == "promise":
        yield f"ask({text(said)}, () => api.{op.api}({args}));"
        return
    given = ", ".join([*filter(None, [args]), "callback"])
    errors = ["runtime.lastError", "extension.lastError"]
    reads = {"callback": errors[:1], "unread": [], "both": errors}[op.how]
    yield f"askBack({text(said)}, (callback) => chrome.{op.api}({given}), {json.dumps(reads)});"


def _root(path: str) -> str:
    """Where a path is looked for: in a namespace that it names, or in the one that is used."""
    return "globalThis" if path.partition(".")[0] in ("browser", "chrome") else "api"


def every(ops: Sequence[s.AnyOp]) -> Iterator[s.AnyOp]:
    """These ops, and those of their reactions."""
    for op in ops:
        yield op
        if isinstance(op, s.Listen):
            yield from every(op.then)
