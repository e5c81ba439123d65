"""Moving q2a's files into the storage, and back, byte for byte.

Every step may be killed at any point and be run again. What has been done is told by the rows
themselves: a file is copied if `StoredBlob` has a row of it, and released if q2a's row has no
bytes any more (or its directory no file).
"""

from app.domain.relocating.copying import COPY as COPY
from app.domain.relocating.copying import uncopied as uncopied
from app.domain.relocating.files import Step as Step
from app.domain.relocating.files import Task as Task
from app.domain.relocating.files import Total as Total
from app.domain.relocating.forgetting import FORGET as FORGET
from app.domain.relocating.releasing import RELEASE as RELEASE
from app.domain.relocating.releasing import unreleased as unreleased
from app.domain.relocating.returning import GIVE_BACK as GIVE_BACK
from app.domain.relocating.returning import unreturned as unreturned
