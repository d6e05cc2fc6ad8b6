"""Who is away when their token is revoked."""

import time

from tests.signaling.conftest import House
from tests.support.until import until


async def test_who_is_away_is_out_at_once_when_their_token_is_revoked(house: House) -> None:
    """Their place is kept no longer, though sound might still flow; somebody else who is away keeps theirs."""
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join()
        here = house.participant("ada"), house.participant("bea")
        ada.vanish()
        bea.vanish()
        await until(lambda: all(participant.info.away for participant in here))
    token_id = next(p.grant.token_id for p in house.door.presences.values() if p.grant.participant_id == "ada")
    house.door.revocations.revoke(token_id, time.time() + 60)
    await until(lambda: here[0].left == "removed")
    assert here[1].left == ""
    assert len(house.door.presences) == 1
