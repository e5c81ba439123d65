"""The audit: every denormalised figure of a site against the rows that it sums up (FACTS 3-6, 14).

`differences` finds what tests expect to be nothing; `look` and `fix` are `waggle recount`.
"""

from app.domain.audit.differences import Difference as Difference
from app.domain.audit.differences import Progress as Progress
from app.domain.audit.passes import fix as fix
from app.domain.audit.passes import look as look
from app.domain.audit.repairs import repair as repair
from app.domain.audit.search import differences as differences
