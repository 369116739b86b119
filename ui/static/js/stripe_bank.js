// The bank's question about a payment, asked by Stripe on this page.
const section = document.querySelector("[data-stripe-bank]");
const { publishableKey, clientSecret, order } = section.dataset;

const { error } = await Stripe(publishableKey).handleNextAction({ clientSecret });
location.replace(`${order}?redirect_status=${error ? "failed" : "succeeded"}`);
