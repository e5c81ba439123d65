"""A compiling GraphQL executor for Strawberry."""

from wingbeat.cache import Limits, Plans
from wingbeat.executor import CompilingExecutor

__all__ = ["CompilingExecutor", "Limits", "Plans"]
