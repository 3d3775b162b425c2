
// ---- letters: appended to observer/background.js where a test shows that the twins change nothing

const letterChannels = new Map(); // incarnation -> channel

class LetterBox {
  constructor({ tab, frame }) {
    this.address = [tab, frame];
  }

  postMessage(command) {
    const [tab, frameId] = this.address;
    api.tabs.sendMessage(tab, command, { frameId }).catch(() => {
      answerOf({ kind: "answer", incarnation: command.to, re: command.id, dead: true });
    });
  }
}

api.runtime.onMessage.addListener((envelope, sender, reply) => {
  const place = { tab: sender.tab.id, frame: sender.frameId, documentId: sender.documentId ?? null };
  if (!letterChannels.has(envelope.incarnation)) {
    channels += 1;
    letterChannels.set(envelope.incarnation, channels);
  }
  onEnvelope(new LetterBox(place), letterChannels.get(envelope.incarnation), place, envelope);
  reply(true);
});
