// Small comforts for forms.

// A form is sent once: a second click while the first is on its way does nothing.
export function submitOnce(root) {
  for (const form of root.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.isSent) event.preventDefault();
      form.dataset.isSent = "yes";
      form.querySelector("[type=submit]")?.setAttribute("aria-busy", "true");
    });
    // Back by the browser's button: the page is as it was left, and may be sent again.
    addEventListener("pageshow", () => {
      delete form.dataset.isSent;
      form.querySelector("[type=submit]")?.removeAttribute("aria-busy");
    });
  }
}

// A quantity that was changed is saved when the field is left.
export function submitOnChange(root) {
  for (const form of root.querySelectorAll("form[data-submit-on-change]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }
}
