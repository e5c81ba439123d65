"""The demo site: a bee-keepers' community, the same on every machine, of any size up to 100,000.

Read `filling` first: it is the whole of it in one function. `people`, `topics`, `texts` and
`threads` invent the community; `index`, `streams` and `rows` turn it into rows.
"""

from app.demo.filling import NotEmpty as NotEmpty
from app.demo.filling import fill as fill
from app.demo.people import ADMINISTRATOR as ADMINISTRATOR
from app.demo.people import PASSWORD as PASSWORD

MAX_QUESTIONS = 100_000
