"""Who works everybody's lists out: this process, some of this machine, or a cluster, as the operator set it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from haln.connect.indexes import Caught
from haln.errors import Misconfigured
from haln.matching.cluster import Cluster, NotInstalled, Unreachable
from haln.matching.crew import Alone, Crew
from haln.matching.process_pool import suitable
from haln.matching.processes import Processes
from haln.matching.shelf import shelf

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Crews:
    """The operator's choice. `workers`: processes of this machine, 0: as many as suit. `scheduler`: a cluster's."""

    workers: int = 1
    scheduler: str = ""

    @contextmanager
    def for_index(self, folder: Path, caught: Caught) -> Iterator[Crew]:
        """A crew that works with an index as it is saved in a folder, until the block is left.

        A cluster that does not answer is told in the log, and this machine does the work. Raises Misconfigured where
        one is named and the packages are missing.
        """
        if self.scheduler:
            try:
                with closing(Cluster(self.scheduler, caught.index)) as cluster:
                    yield cluster
                    return
            except NotInstalled as error:
                raise Misconfigured(
                    "HALN_DASK_SCHEDULER names a cluster, but its packages are not installed: "
                    "pip install -r requirements/cluster.txt."
                ) from error
            except Unreachable as error:
                _log.warning("Suggestions are made on this machine alone, for the cluster is of no use: %s", error)
        count = suitable(self.workers, len(caught.index))
        with shelf(folder) as kept:
            if count == 1:
                yield Alone(caught.index, kept)
                return
            with closing(Processes(caught.index, folder, caught.name, kept, count)) as processes:
                yield processes


ALONE = Crews()
"""This process."""
