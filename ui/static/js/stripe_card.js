// Stripe's own card field: the card goes from here to Stripe, and never to the shop.
const form = document.querySelector("[data-stripe-card]");
const message = form.querySelector("[data-stripe-error]");
const button = form.querySelector("[type=submit]");
const ink = getComputedStyle(form).color;

const stripe = Stripe(form.dataset.publishableKey);
const card = stripe.elements().create("card", { style: { base: { color: ink, fontSize: "16px" } } });
card.mount(form.querySelector("[data-stripe-field]"));
card.on("ready", () => { button.disabled = false; });
card.on("change", ({ error }) => { message.textContent = error?.message ?? ""; });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  const { paymentMethod, error } = await stripe.createPaymentMethod({ type: "card", card });
  if (error) {
    message.textContent = error.message;
    button.disabled = false;
    return;
  }
  form.elements.paymentMethodId.value = paymentMethod.id;
  form.submit();
});
