"""Declarations of a flow's inputs and outputs, one class per type; what they accept is decided in `engine/inputs`."""

from typing import Annotated, Literal

from pydantic import AliasChoices, Field

from apps.engine.flow.fields import Anything, AsText, Duration, Expression, Flag, OrEmpty, Part, Text, WholeNumber

INPUT_ID = r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*$"


class DependsOn(Part):
    """The inputs that another one needs first, and when it is asked for at all."""

    inputs: Annotated[tuple[Text, ...], OrEmpty] = ()
    condition: Expression | None = None


class BaseInput(Part):
    """What inputs of every type have."""

    id: Annotated[str, Field(pattern=INPUT_ID, validation_alias=AliasChoices("id", "name"), serialization_alias="id"), AsText]
    type: str
    description: Text | None = None
    display_name: Text | None = None
    required: Flag = True
    defaults: Anything = None
    prefill: Anything = None
    depends_on: DependsOn | None = None


class StringInput(BaseInput):
    """A text, checked by a pattern if there is one."""

    type: Literal["STRING"]
    validator: Text | None = None


class SecretInput(BaseInput):
    """A text that is kept encrypted and never shown."""

    type: Literal["SECRET"]
    validator: Text | None = None


class EmailInput(BaseInput):
    """An e-mail address."""

    type: Literal["EMAIL"]


class EnumInput(BaseInput):
    """One of a list of texts, the older SELECT."""

    type: Literal["ENUM"]
    values: Annotated[tuple[Text, ...], Field(min_length=1)]


class SelectInput(BaseInput):
    """One of a list of values, given or rendered."""

    type: Literal["SELECT"]
    values: Anything = None
    expression: Expression | None = None
    allow_custom_value: Flag = False
    auto_select_first: Flag = False
    is_radio: Flag = False


class MultiselectInput(BaseInput):
    """Some of a list of values, given or rendered."""

    type: Literal["MULTISELECT"]
    values: Anything = Field(None, validation_alias=AliasChoices("values", "options"), serialization_alias="values")
    expression: Expression | None = None
    item_type: Text | None = None
    allow_custom_value: Flag = False
    auto_select_first: Flag = False


class IntInput(BaseInput):
    """A whole number."""

    type: Literal["INT"]
    min: WholeNumber | None = None
    max: WholeNumber | None = None


class FloatInput(BaseInput):
    """A number."""

    type: Literal["FLOAT"]
    min: float | None = None
    max: float | None = None


class BooleanInput(BaseInput):
    """True or false."""

    type: Literal["BOOL", "BOOLEAN"]


class DatetimeInput(BaseInput):
    """A moment, with its offset."""

    type: Literal["DATETIME"]
    after: Text | None = None
    before: Text | None = None


class DateInput(BaseInput):
    """A day."""

    type: Literal["DATE"]
    after: Text | None = None
    before: Text | None = None


class TimeInput(BaseInput):
    """A time of day."""

    type: Literal["TIME"]
    after: Text | None = None
    before: Text | None = None


class DurationInput(BaseInput):
    """An ISO 8601 duration."""

    type: Literal["DURATION"]
    min: Duration | None = None
    max: Duration | None = None


class FileInput(BaseInput):
    """A file, kept in the internal storage."""

    type: Literal["FILE"]
    extension: Text | None = None
    allowed_file_extensions: Annotated[tuple[Text, ...], OrEmpty] = ()


class JsonInput(BaseInput):
    """Any JSON value."""

    type: Literal["JSON"]
    json_schema: Anything = None


class YamlInput(BaseInput):
    """Any YAML value."""

    type: Literal["YAML"]


class UriInput(BaseInput):
    """An address."""

    type: Literal["URI"]


class ArrayInput(BaseInput):
    """A list whose items are all of one type."""

    type: Literal["ARRAY"]
    item_type: Text


class FormInput(BaseInput):
    """A group of inputs; their ids go below its own: `<form>.<input>`."""

    type: Literal["FORM"]
    inputs: Annotated[tuple["InputDeclaration", ...], Field(min_length=1)]


AnyInput = (
    StringInput | SecretInput | EmailInput | EnumInput | SelectInput | MultiselectInput | IntInput | FloatInput | BooleanInput
    | DatetimeInput | DateInput | TimeInput | DurationInput | FileInput | JsonInput | YamlInput | UriInput | ArrayInput | FormInput
)  # fmt: skip
InputDeclaration = Annotated[AnyInput, Field(discriminator="type")]


FormInput.model_rebuild()


class OutputDeclaration(Part):
    """A value that an execution gives back, rendered when it ends."""

    id: Annotated[str, Field(pattern=INPUT_ID), AsText]
    type: Literal[
        "STRING", "SECRET", "EMAIL", "ENUM", "SELECT", "MULTISELECT", "INT", "FLOAT", "BOOL", "BOOLEAN", "DATETIME", "DATE", "TIME",
        "DURATION", "FILE", "JSON", "YAML", "URI", "ARRAY",
    ]  # fmt: skip
    value: Anything = None
    item_type: Text | None = None
    description: Text | None = None
    display_name: Text | None = None
    required: Flag = True
