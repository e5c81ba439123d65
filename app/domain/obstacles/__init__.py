"""What keeps accounts from moving into a user pool, or makes it harder; nothing is changed."""

from app.domain.obstacles.kinds import Finding as Finding
from app.domain.obstacles.kinds import Obstacle as Obstacle
from app.domain.obstacles.kinds import Weight as Weight
from app.domain.obstacles.search import findings as findings
