// The shop's live messages: {id, type, time, data}, over a socket that comes back by itself.

const LAST_ID = "live.lastId";
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

// Calls `onOpen` whenever the connection is there, and `onMessage` with every message.
export function connect({ onOpen, onMessage }) {
  let delay = FIRST_DELAY_MS;

  const open = () => {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws/notifications`);
    socket.addEventListener("open", () => {
      delay = FIRST_DELAY_MS;
      const lastId = sessionStorage.getItem(LAST_ID);
      if (lastId) socket.send(JSON.stringify({ type: "resume", id: lastId }));
      onOpen();
    });
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      if (message.id) sessionStorage.setItem(LAST_ID, message.id);
      onMessage(message);
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
