"""Denials: what can stand between a person and an action."""

from app.domain.errors import Denial as Denial
from schema.enums import expose

expose(
    Denial,
    description="What stands between a person and an action.",
    values={denial: denial.value for denial in Denial},
)
