"""The composition root: a whole Parley in one process group, its parts started in order and stopped in reverse."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Self

from media_server.rooms import Rooms
from media_server.rtc.endpoint import RtcEndpoint
from parley.buses import is_remote, open_bus
from parley.instance import instance_id
from parley.settings import Settings
from parley.stages import STAGES, EngineSet, new_worker
from parley.supervisor import supervised
from parley.vitals import vitals
from pipeline.bus.bus import Bus
from pipeline.engines.engines import Engines
from pipeline.settings import StageCommand
from signaling.app import build_app
from signaling.door import DOOR, Door
from signaling.server import serving

if TYPE_CHECKING:
    from signaling.nodes.nodes import Nodes


class System:
    """Engines, bus, workers, media port, rooms and door. `async with System(settings) as system`.

    On the memory bus the workers of all stages run inside; on Kafka those that `pipeline.workers` names, and the others
    wherever they are started.

    Close cascade: the door (sockets are told and closed), the rooms (participants, peers, what ingest still holds), the
    workers (what is in work is drained), the engines' processes, the bus, the media port.
    """

    def __init__(self, settings: Settings | None = None, *, engines: EngineSet | None = None) -> None:
        """With `engines`, these are used and left running; otherwise the settings' own are started and ended."""
        self.settings = settings or Settings()
        self._given = engines
        self._engines: EngineSet | None = None
        self._stack = AsyncExitStack()
        self.instance_id = instance_id("node", self.settings.process)
        self.bus: Bus
        self.rooms: Rooms
        # Where the page is, `http://host:port`.
        self.url = ""
        self._door: Door

    async def __aenter__(self) -> Self:
        """Start everything.

        Raises:
            OSError: a port is taken, or an address is not of this machine.
            EngineUnavailableError: an engine that the settings name does not work here.
            BusUnavailableError: the broker that they name is not there, or does not let us in.
            TopicsError: it has not the topics that it should have.
            NodesError: the Redis that they name is not there, or fits no nodes.
        """
        async with AsyncExitStack() as stack:
            endpoint = await stack.enter_async_context(RtcEndpoint(self.settings.rtc))
            bus = self.bus = await stack.enter_async_context(open_bus(self.settings.pipeline))
            await self._start_workers(stack, bus)
            nodes = await self._open_nodes(stack)
            self.rooms = await stack.enter_async_context(
                Rooms(bus=bus, new_peer=endpoint.new_peer, settings=self.settings.media)
            )
            facts = vitals(
                self.instance_id,
                bus=lambda: bus,
                record_age_s=lambda: self.rooms.record_age_s,
                engines=self._loaded,
                clients=lambda: len(self._door.sockets),
            )
            if nodes is not None:
                facts["redis_reached"] = lambda: nodes.reached
            app = build_app(self.rooms, bus, self.settings.signaling, needs=self._needs(), facts=facts, nodes=nodes)
            self._door = app[DOOR]
            self.url = await stack.enter_async_context(serving(app))
            if nodes is not None:
                await stack.enter_async_context(nodes.announced(self.url))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def drain(self) -> None:
        """Take nobody new, tell everybody, and let what is being said come to its end (see `Rooms.drain`).

        What remains is to leave the block. Cancelling costs the waiting only.
        """
        self._door.health.drain()
        await self.rooms.drain()

    @property
    def _inside(self) -> Sequence[StageCommand]:
        """The stages whose workers run in this process, in order."""
        wanted = self.settings.pipeline.workers if is_remote(self.settings.pipeline) else tuple(STAGES)
        return [stage for stage in STAGES if stage in wanted]

    async def _start_workers(self, stack: AsyncExitStack, bus: Bus) -> None:
        stages = self._inside
        if not stages:
            return
        engines = self._given
        if engines is None:
            starting = Engines.start(self.settings.engines, [STAGES[stage].name for stage in stages])
            engines = await stack.enter_async_context(starting)
        self._engines = engines
        for stage in stages:
            # In a group that spans processes a worker comes back under the name that it had.
            name = f"{stage}-in-{self.instance_id}" if is_remote(self.settings.pipeline) else ""
            make = partial(new_worker, stage, bus, engines, self.settings.pipeline, worker_id=name)
            await stack.enter_async_context(supervised(make, name=STAGES[stage].name))

    async def _open_nodes(self, stack: AsyncExitStack) -> "Nodes | None":
        """Join the other nodes, if the settings name a Redis. It lets go last: rooms are ours until they have ended."""
        if not self.settings.signaling.nodes.redis_url:
            return None
        # Not before it is wanted: a system of one node needs no Redis library.
        from signaling.nodes.nodes import Nodes

        nodes = Nodes(
            self.settings.signaling,
            self.instance_id,
            number=lambda: self.rooms.sequence.last,
            raise_numbers=lambda floor: self.rooms.sequence.raise_to(floor),
        )
        return await stack.enter_async_context(nodes)

    def _needs(self) -> dict[str, Callable[[], bool]]:
        """Say what must be there before anybody is let in, beside what the door itself needs."""
        engines = self._engines
        # Where a stage has no engine there is nothing to wait for: everybody hears everybody as they are. Nor for
        # workers elsewhere: with them away a node does all else, and all nodes at once would be unready.
        if is_remote(self.settings.pipeline) or engines is None or not all(s.works(engines) for s in STAGES.values()):
            return {}
        return {"workers": lambda: self.rooms.paths.works}

    def _loaded(self) -> dict[str, str]:
        engines = self._engines
        return {} if engines is None else {STAGES[stage].name: STAGES[stage].engine(engines) for stage in self._inside}
