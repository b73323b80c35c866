"""One run: read, plan, guard, apply, record, report."""

from notionsync.engine.report import Outcome, Report
from notionsync.engine.run import Request, applying, describe, propose, run

__all__ = ["Outcome", "Report", "Request", "applying", "describe", "propose", "run"]
