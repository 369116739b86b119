// Small comforts for forms.

// A form is sent once: a second click while the first is on its way does nothing.
export function submitOnce() {
  const sent = new Map();
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (!("once" in form.dataset)) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.set(form, submitter);
    submitter?.setAttribute("aria-busy", "true");
  });
  // Back by the browser's button: the page is as it was left, and may be sent again.
  addEventListener("pageshow", () => {
    for (const submitter of sent.values()) submitter?.removeAttribute("aria-busy");
    sent.clear();
  });
}

// A password that is being typed can be looked at. It is hidden again before it is sent, so that
// browsers know it for one and do not offer it as a text that was typed before.
export function revealPasswords() {
  for (const button of document.querySelectorAll("[data-reveal]")) {
    const field = document.getElementById(button.dataset.reveal);
    const show = (isShown) => {
      field.type = isShown ? "text" : "password";
      // The name stays, and whether it is pressed says the rest to who does not see it.
      button.setAttribute("aria-pressed", String(isShown));
      button.firstElementChild.textContent = isShown ? "Hide" : "Show";
    };
    button.addEventListener("click", () => show(field.type === "password"));
    field.form?.addEventListener("submit", () => show(false));
    button.hidden = false;
  }
}
