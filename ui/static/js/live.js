// Parts of a page that ask for themselves again when a live message is about them.
//
//   data-live          address of the part
//   data-live-types    beginnings of the message types that it is about
//   data-live-id       the order or product that it is about; absent: any
//   data-live-at-once  it may have changed between the page and the connection
//   data-live-every    seconds after which it asks anyway, while the page is seen: no message tells of it
import { connect } from "./socket.js";
import { localTimes } from "./times.js";

const QUIET_MS = 120;
// The cart that the newest page of this browser has seen; its other tabs hear of a new one.
const SEEN_CART = "live.cart";
const waiting = new Map();

export function follow(root) {
  const parts = [...root.querySelectorAll("[data-live]")];
  if (parts.length === 0) return;
  for (const part of parts.filter((each) => each.dataset.liveEvery)) {
    setInterval(() => document.hidden || refresh(part), part.dataset.liveEvery * 1000);
  }
  tellOtherTabs(root.querySelector("[data-cart]")?.dataset.cart);
  addEventListener("storage", ({ key }) => {
    if (key === SEEN_CART) parts.filter((part) => isAbout(part, { type: "cart.changed" })).forEach(soon);
  });
  connect({
    onOpen: () => parts.filter((part) => "liveAtOnce" in part.dataset).forEach(soon),
    onMessage: (message) => parts.filter((part) => isAbout(part, message)).forEach(soon),
    onMissed: () => parts.forEach(soon),
  });
}

// A write that changes nothing tells no one, and none comes back to the tab that wrote.
export function tellOtherTabs(cart) {
  try {
    if (cart !== undefined) localStorage.setItem(SEEN_CART, cart);
  } catch {
    // Storage is switched off: each tab then sees the cart when it is loaded.
  }
}

function isAbout(part, { type = "", data }) {
  const { liveTypes, liveId } = part.dataset;
  if (!liveTypes?.split(" ").some((beginning) => type.startsWith(beginning))) return false;
  return !liveId || [data?.orderId, data?.productId].includes(liveId);
}

// Several messages in a row are one reason to ask.
function soon(part) {
  clearTimeout(waiting.get(part));
  waiting.set(part, setTimeout(refresh, QUIET_MS, part));
}

async function refresh(part) {
  let response;
  try {
    response = await fetch(part.dataset.live, { redirect: "error", cache: "no-store" });
  } catch {
    return; // The next message, or the next connection, is another chance.
  }
  if (!response.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await response.text();
  localTimes(fresh.content);
  // Nothing is read out again that has not changed.
  if (fresh.innerHTML.trim() === part.innerHTML.trim()) return;
  const focused = document.activeElement;
  const hadFocus = part.contains(focused);
  // What someone is typing in is not taken from them.
  if (hadFocus && focused.matches("input")) return;
  part.replaceChildren(fresh.content);
  if (hadFocus) {
    part.tabIndex = -1;
    part.focus();
  }
}
