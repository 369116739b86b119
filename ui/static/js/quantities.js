// Quantities in the cart: a change is saved a moment after the last one, and the focus stays.
import { tellOtherTabs } from "./live.js";
import { localTimes } from "./times.js";

// Long enough to go from 1 to 5 with the arrow key, short enough to see the new sum at once.
const QUIET_MS = 600;
// Forms that were changed and not sent yet.
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
  // Who leaves the page by a link has changed the quantity all the same.
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    for (const form of changed) post(form, { keepalive: true }).catch(() => {});
    changed.clear();
  });
}

// Enter saves at once. Any other form is sent when the changes are saved, and not if they are not.
async function holdBack(event) {
  const { target: form, submitter } = event;
  const isQuantity = "saveOnChange" in form.dataset;
  if (!isQuantity && changed.size === 0 && !isSending) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isQuantity) changed.add(form);
  const { action } = form;
  if (!(await save()) || isQuantity) return;
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
        // What was changed meanwhile is not taken from the shopper: the next answer has it too.
        if (changed.size === 0 || !isSaved) show(page, response.url);
      } catch {
        isSaved = false;
        form.submit(); // The browser says what is wrong with the connection.
      }
    }
  }
  isSending = false;
  return isSaved;
}

function post(form, options) {
  return fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), ...options });
}

function show(page, address) {
  const fresh = page.querySelector("[data-cart-content]");
  if (!fresh) {
    location.assign(address); // Such as the page to sign in on.
    return;
  }
  const focused = document.activeElement?.id;
  localTimes(fresh);
  document.querySelector("[data-cart-content]").replaceChildren(...fresh.childNodes);
  const badge = page.querySelector("[data-cart]");
  document.querySelector("[data-cart] [data-live]").innerHTML = badge.querySelector("[data-live]").innerHTML;
  tellOtherTabs(badge.dataset.cart);
  if (focused) document.getElementById(focused)?.focus();
  document.querySelector("[data-announced]").textContent = page.querySelector(".notice span")?.textContent ?? "";
}
