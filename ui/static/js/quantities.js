// Quantities in the cart: a change is saved a moment after the last one, and the focus stays.
import { tellOtherTabs } from "./live.js";
import { localTimes } from "./times.js";

// Long enough to go from 1 to 5 with the arrow key, short enough to see the new sum at once.
const QUIET_MS = 600;
// Forms of lines that were changed and not sent yet.
const changed = new Set();
let timer;
let isSending = false;
// One is sent after the other, so the last answer is the newest. Holds whether all is saved.
let queue = Promise.resolve(true);

export function saveQuantities() {
  document.addEventListener("change", ({ target: { form } }) => {
    if (!form || !("saveOnChange" in form.dataset)) return;
    changed.add(form);
    clearTimeout(timer);
    timer = setTimeout(save, QUIET_MS);
  });
  document.addEventListener("submit", holdBack);
  // Who leaves the page by a link has changed the cart all the same.
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    for (const form of changed) post(form).catch(() => {});
    changed.clear();
  });
}

// Enter saves at once, and what is removed meanwhile has its turn. Any other form is sent when the
// changes are saved, and not if they are not.
async function holdBack(event) {
  const { target: form, submitter } = event;
  const line = form.closest(".cart-line");
  const isQuantity = "saveOnChange" in form.dataset;
  // What is removed needs no quantity, not even one that can be sent.
  if (line && !isQuantity) {
    for (const other of changed) if (line.contains(other)) changed.delete(other);
  }
  if (!isQuantity && changed.size === 0 && !isSending) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (line) {
    changed.add(form);
    save();
    return;
  }
  // Who goes elsewhere before its turn is not brought back.
  const going = new AbortController();
  addEventListener("beforeunload", () => going.abort(), { once: true, signal: going.signal });
  const { action } = form;
  const isSaved = await save();
  if (going.signal.aborted) return;
  going.abort();
  if (!isSaved) return;
  // The answer has put a new form in the place of the old one.
  const again = [...document.forms].find((other) => other.action === action);
  again?.requestSubmit(again.querySelector(`[name="${submitter?.name}"]`));
}

function save() {
  clearTimeout(timer);
  queue = queue.then(sendChanged);
  return queue;
}

async function sendChanged() {
  isSending = true;
  let isSaved = true;
  while (isSaved && changed.size > 0) {
    const [form] = changed;
    changed.delete(form);
    if (!form.reportValidity()) isSaved = false;
    else {
      try {
        const response = await post(form);
        isSaved = response.ok;
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        // What is shown in the end is what there is: it takes the place of what was not sent.
        if (!isSaved) changed.clear();
        // What was changed meanwhile is not taken from the shopper: the next answer has it too.
        if (changed.size === 0) show(page, response.url);
      } catch {
        isSaved = false;
        form.submit(); // The browser says what is wrong with the connection.
      }
    }
  }
  isSending = false;
  return isSaved;
}

// What is on its way arrives though the page is left.
function post(form) {
  return fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true });
}

function show(page, address) {
  const fresh = page.querySelector("[data-cart-content]");
  if (!fresh) {
    location.assign(address); // Such as the page to sign in on.
    return;
  }
  const content = document.querySelector("[data-cart-content]");
  const focused = content.contains(document.activeElement) && document.activeElement;
  localTimes(fresh);
  content.replaceChildren(...fresh.childNodes);
  const badge = page.querySelector("[data-cart]");
  document.querySelector("[data-cart] [data-live]").innerHTML = badge.querySelector("[data-live]").innerHTML;
  tellOtherTabs(badge.dataset.cart);
  if (focused) {
    const again = [...content.querySelectorAll("form")].find(({ action }) => action === focused.form?.action);
    // What was removed has no place to go back to.
    content.tabIndex = -1;
    (again?.querySelector(focused.tagName) ?? content).focus();
  }
  document.querySelector("[data-announced]").textContent = page.querySelector(".notice span")?.textContent ?? "";
}
