"""The type of such lists."""

from pytensor.typed_list.type import TypedListType
