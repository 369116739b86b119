// The shop's live messages: {id, type, time, data}, over a socket that comes back by itself.

const LAST_ID = "live.lastId";
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

// Calls `onOpen` whenever the connection is there, `onMessage` with every message, and `onMissed`
// where so much was missed that what is shown has to be asked for anew.
export function connect({ onOpen, onMessage, onMissed }) {
  let delay = FIRST_DELAY_MS;

  const open = () => {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    // Said in the address, the id is known before the first message: each that follows, `ready`
    // too, then has an id that covers only what has arrived.
    const lastId = encodeURIComponent(sessionStorage.getItem(LAST_ID) ?? "");
    const path = `/ws/notifications?resume=${lastId}`;
    const socket = new WebSocket(`${scheme}//${location.host}${path}`);
    socket.addEventListener("open", () => {
      delay = FIRST_DELAY_MS;
      onOpen();
    });
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      if (message.id) sessionStorage.setItem(LAST_ID, message.id);
      if (message.type === "error") onMissed();
      else onMessage(message);
    });
    socket.addEventListener("close", () => {
      // Not all browsers at once, when the shop comes back.
      setTimeout(whenVisible, delay * (0.5 + Math.random() / 2), open);
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    });
  };
  open();
}

function whenVisible(work) {
  if (document.visibilityState === "visible") work();
  else document.addEventListener("visibilitychange", () => whenVisible(work), { once: true });
}
