"""Moving q2a's files into the storage, and back, byte for byte.

Every step may be killed at any point and be run again. What has been done is told by the rows
themselves: a file is copied if `StoredBlob` has a row of it, and released if q2a's row has no
bytes any more (or its directory no file).
"""

from app.domain.relocating.copying import copy as copy
from app.domain.relocating.copying import uncopied as uncopied
from app.domain.relocating.files import Task as Task
from app.domain.relocating.files import Total as Total
from app.domain.relocating.forgetting import forget as forget
from app.domain.relocating.releasing import release as release
from app.domain.relocating.releasing import unreleased as unreleased
from app.domain.relocating.returning import give_back as give_back
from app.domain.relocating.returning import unreturned as unreturned
