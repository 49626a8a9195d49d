"""What all script tasks share: properties, the working directory before and after, and what becomes of the exit code."""

import uuid
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from apps.plugins.runners.base import Commands as RunnerCommands
from apps.plugins.runners.choice import choose_runner
from apps.plugins.scripts.files import (
    NamespaceFilesOption,
    file_map,
    replace_stored,
    store_directory,
    store_output_files,
    write_input_files,
    write_namespace_files,
)
from apps.plugins.scripts.lines import LineReader
from apps.plugins.sdk import Output, Outputs, RunContext, State, Task, TaskFailure, java_text

SHELL = ["/bin/sh", "-c"]
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class ScriptTask(Task):
    """The properties of a script task and its course; a language adds what is run."""

    not_rendered = ("beforeCommands", "commands", "script", "env", "inputFiles", "outputFiles", "interpreter")
    outputs = {"vars": 'What `::{"outputs":{}}::` declared.', "exitCode": "The exit code.", "outputFiles": "Stored files by path."}
    default_image: ClassVar[str] = "ubuntu"
    default_interpreter: ClassVar[list[str]] = SHELL

    before_commands: list[str] | None = Field(default=None, description="Commands to run first, in the same shell.")
    env: dict[str, Any] | None = Field(default=None, description="Environment variables.")
    interpreter: list[str] | None = Field(default=None, description="What the commands are given to; a shell by default.")
    fail_fast: bool = Field(default=True, description="Stops at the first command that fails.")
    warning_on_std_err: bool = Field(default=True, description="Ends in WARNING when anything was written to standard error.")
    input_files: dict[str, Any] | list[str] | str | None = Field(default=None, description="Files to write before: path to content or URI.")
    output_files: list[str] | None = Field(default=None, description="Patterns of files to keep.")
    output_directory: bool | None = Field(default=None, description="Deprecated: files in {{ outputDir }} are always kept.")
    namespace_files: NamespaceFilesOption | None = Field(default=None, description="Namespace files to put beside the script.")
    container_image: str | None = Field(default=None, description="The image, when a container runs the commands.")
    task_runner: dict[str, Any] | None = Field(default=None, description="Where the commands run: type and its options.")
    target_os: str | None = Field(default=None, alias="targetOS", description="LINUX, WINDOWS or AUTO.")
    runner: str | None = Field(default=None, description="Deprecated: PROCESS or DOCKER; use taskRunner.")
    docker: dict[str, Any] | None = Field(default=None, description="Deprecated: options of the Docker runner; use taskRunner.")

    def lines(self, context: RunContext, directory: "Directory") -> list[str]:
        """The commands, rendered."""
        raise NotImplementedError

    def run(self, context: RunContext) -> Outputs:
        """Prepares the directory, runs, and gathers what came out."""
        runner = choose_runner(context, self.task_runner, self.runner, self.docker)
        directory = Directory(context, runner.directory(context.working_dir))
        globs = [context.render(glob, directory.variables) for glob in self.output_files or ()]
        self._write_files(context, directory)
        reader = LineReader(context)
        job = RunnerCommands(
            arguments=self._arguments(context, directory),
            working_dir=directory.path,
            output_dir=directory.outputs,
            sink=reader,
            environment=self._environment(context, directory),
            image=self.container_image or self.default_image,
            wanted_files=globs,
        )
        code = runner.run(context, job)
        reader.close()
        return self._result(context, directory, reader, code, globs)

    def _write_files(self, context: RunContext, directory: "Directory") -> None:
        if self.namespace_files is not None:
            write_namespace_files(context, directory.path, self.namespace_files)
        if self.input_files:
            given = self.input_files
            files = file_map(context.render_value(given, directory.variables))
            write_input_files(context, directory.path, files, confine=directory.path.parent)

    def _environment(self, context: RunContext, directory: "Directory") -> dict[str, str]:
        own = context.render_value(self.env or {}, directory.variables)
        paths = {"WORKING_DIR": directory.seen_as, "OUTPUT_DIR": directory.variables["outputDir"]}
        return {**paths, **{name: java_text(value) for name, value in own.items() if value is not None}}

    def _arguments(self, context: RunContext, directory: "Directory") -> list[str]:
        before = [directory.render(command) for command in self.before_commands or ()]
        commands = [*before, *self.lines(context, directory)]
        interpreter = self.interpreter if self.interpreter is not None else self.default_interpreter
        if not interpreter:
            return commands
        first = ["set -e"] if self.fail_fast and Path(interpreter[0]).name in ("sh", "bash", "dash", "ash", "zsh", "ksh") else []
        return [*(context.render(word, directory.variables) for word in interpreter), "\n".join([*first, *commands])]

    def _result(self, context: RunContext, directory: "Directory", reader: LineReader, code: int, globs: list[str]) -> Outputs:
        files = store_output_files(context, directory.path, globs) if not context.killed.is_set() else {}
        if not context.killed.is_set():
            files.update(store_directory(context, directory.outputs))
        values = {"vars": reader.outputs, "exitCode": code, "outputFiles": files}
        if reader.problem:
            raise TaskFailure(reader.problem, outputs=values, retry=False)
        if code != 0:
            raise TaskFailure(f"Command failed with exit code {code}", outputs=values)
        warned = self.warning_on_std_err and reader.error_lines > 0
        return Output(values, State.WARNING if warned else State.SUCCESS)


class Directory:
    """The working directory as worker and commands see it, and the variables that name it."""

    def __init__(self, context: RunContext, seen_as: str) -> None:
        self.path = context.working_dir
        self.seen_as = seen_as
        self.outputs = self.path / short_id()
        self.outputs.mkdir()
        self.variables = {"workingDir": seen_as, "outputDir": f"{seen_as}/{self.outputs.name}"}
        self._context = context

    def render(self, command: str) -> str:
        """A rendered command, with stored files fetched and named by their local paths."""
        return replace_stored(self._context, self._context.render(command, self.variables), self.path, self.seen_as)

    def write(self, text: str, suffix: str) -> str:
        """Puts a script into the directory; answers the path that the commands know it by."""
        name = f"{short_id()}{suffix}"
        (self.path / name).write_text(text)
        return f"{self.seen_as}/{name}"


def short_id() -> str:
    """A fresh id of 22 letters and digits."""
    number, text = uuid.uuid4().int, ""
    while number:
        number, digit = divmod(number, len(ALPHABET))
        text = ALPHABET[digit] + text
    return text.rjust(22, "0")


class CommandsTask(ScriptTask):
    """A list of commands."""

    commands: list[str] = Field(description="The commands.")

    def lines(self, context: RunContext, directory: Directory) -> list[str]:
        """The commands as they are."""
        return [directory.render(command) for command in self.commands]


class InlineScript(ScriptTask):
    """A script written in the flow; `program` is what a language's file is run with."""

    suffix: ClassVar[str] = ""
    program: ClassVar[str] = ""

    script: str = Field(description="The script.")

    def lines(self, context: RunContext, directory: Directory) -> list[str]:
        """One command that runs the script's file; without a program the script is the command."""
        text = directory.render(self.script)
        if not self.program:
            return [text]
        return [f"{self.program} {directory.write(text, self.suffix)}"]
