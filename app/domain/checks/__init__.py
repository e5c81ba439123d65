"""The check of a site: what is there, and everything that is wrong with it, with remedies."""

from app.domain.checks.inspection import inspect as inspect
from app.domain.checks.inspection import problem_of as problem_of
from app.domain.checks.inspection import start_problems as start_problems
from app.domain.checks.reports import Problem as Problem
from app.domain.checks.reports import Report as Report
