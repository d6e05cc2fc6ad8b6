"""Microphones and loudspeakers in mid-call: chosen, plugged in, pulled out, and dead."""

import pytest

from tests.support.until import until
from tests.web.conftest import Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTICES = "document.getElementById('notices').textContent"

# Two microphones and a headset that can be plugged in; what was opened, by which id, and how loud it is.
DEVICES = """
window.plugged = ['desk'];
window.opened = [];
window.gain = 1;
const device = (kind, deviceId, label, groupId) => ({ kind, deviceId, label, groupId });
navigator.mediaDevices.enumerateDevices = async () => window.plugged.flatMap((name) => [
  device("audioinput", name, `Microphone of ${name}`, name),
  device("audiooutput", `out-${name}`, `Loudspeaker of ${name}`, name),
]);
navigator.mediaDevices.getUserMedia = async ({ audio }) => {
  const wanted = audio.deviceId?.ideal ?? audio.deviceId?.exact ?? 'desk';
  const id = window.plugged.includes(wanted) ? wanted : window.plugged[0];
  if (!id) throw new DOMException('none', 'NotFoundError');
  const context = new AudioContext();
  const [tone, gain, out] = [context.createOscillator(), context.createGain(), context.createMediaStreamDestination()];
  gain.gain.value = window.gain;
  tone.connect(gain).connect(out);
  tone.start();
  const [track] = out.stream.getAudioTracks();
  track.getSettings = () => ({ deviceId: id });
  Object.defineProperty(track, 'label', { value: `Microphone of ${id}` });
  window.opened.push({ id, track });
  return out.stream;
};
window.sinks = [];
HTMLMediaElement.prototype.setSinkId = async function (id) { window.sinks.push(id); };
window.change = (...names) => {
  window.plugged = names;
  navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
};
window.pull = (...left) => {
  const { track } = window.opened.at(-1);
  track.stop();
  window.change(...left);
  track.dispatchEvent(new Event('ended'));
};
window.used = () => window.opened.filter(({ track }) => track.readyState === 'live').map(({ id }) => id).join();
"""


async def test_a_headset_comes_and_goes(visit: Visiting) -> None:
    """It is offered once, used on a press, and when it is gone the other one takes its place, muted if it was."""
    async with visit(DEVICES) as visiting:
        me, page = await visiting.join(), visiting.page
        await visiting.eventually("window.used() === 'desk'")
        await page.click("#mute")
        await until(lambda: me.info.muted)
        await page.evaluate("window.change('desk', 'headset')")
        await visiting.eventually(f"{NOTICES}.includes('Microphone of headset is there now')")
        assert await page.locator("#notices .notice").count() == 1
        await page.click("#notices .act")
        await visiting.eventually("window.used() === 'headset'")
        await visiting.eventually("window.sinks.includes('out-headset')")
        assert await page.evaluate("window.opened.at(-1).track.enabled") is False
        assert await visiting.text("#mute") == "Unmute"
        await page.evaluate("window.pull('desk')")
        await visiting.eventually(f"{NOTICES}.includes('Microphone of desk is used now')")
        await visiting.eventually(f"{NOTICES}.includes('Loudspeaker of headset is gone')")
        assert await page.evaluate("window.used()") == "desk"
        assert await page.evaluate("window.opened.at(-1).track.enabled") is False
        assert me.info.muted
        await page.click("#mute")
        await until(lambda: not me.info.muted)
        await page.evaluate("window.pull()")
        await until(lambda: me.info.muted)
        await visiting.eventually(f"{NOTICES}.includes('The others cannot hear you')")
        assert await visiting.text("#mute") == "Turn on mic"


async def test_the_dialog_changes_and_tries_them(visit: Visiting) -> None:
    """With a level that moves for who is muted too; only the one in use stays open."""
    async with visit(DEVICES) as visiting:
        me, page = await visiting.join(), visiting.page
        await page.evaluate("window.plugged = ['desk', 'headset']")
        await page.click("#mute")
        await until(lambda: me.info.muted)
        await page.click("#more")
        await page.click("#open-devices")
        await visiting.eventually("document.getElementById('device-microphone').options.length === 2")
        await visiting.eventually(
            "document.getElementById('device-state').textContent.startsWith('We hear you. The others')"
        )
        await page.select_option("#device-microphone", "headset")
        await visiting.eventually("window.used() === 'headset'")
        assert me.info.muted
        await page.select_option("#device-speaker", "out-headset")
        await visiting.eventually("window.sinks.includes('out-headset')")
        await page.evaluate("window.plugged = []")
        await page.select_option("#device-microphone", "desk")
        await page.wait_for_selector("#device-problem:not([hidden])")
        assert (await visiting.text("#device-problem")).startswith("No microphone was found")
        assert await page.evaluate("window.used()") == "headset"
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#devices-dialog", state="hidden")
        assert await page.evaluate("document.activeElement.id") == "more"


async def test_a_microphone_that_gives_nothing_is_told(visit: Visiting) -> None:
    """After a while, with a way to another one; not of who is muted, and not of a quiet room."""
    async with visit(DEVICES + "window.gain = 0;") as visiting:
        page = visiting.page
        await page.clock.install()
        await visiting.join()
        await page.clock.run_for(8_000)
        assert "We hear nothing" not in await page.evaluate(NOTICES)
        await page.clock.run_for(6_000)
        await visiting.eventually(f"{NOTICES}.includes('We hear nothing from your microphone')")
        await page.click("#notices .act")
        await page.wait_for_selector("#devices-dialog[open]")
