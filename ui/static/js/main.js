// What every page gains from scripts. Nothing here is needed to buy something.
import { follow } from "./live.js";
import { revealPasswords, submitOnce } from "./forms.js";
import { saveQuantities } from "./quantities.js";
import { localTimes } from "./times.js";

document.documentElement.classList.add("has-scripts");
for (const details of document.querySelectorAll("details[data-open-wide]")) {
  if (matchMedia("(min-width: 992px)").matches) details.open = true;
}
localTimes(document);
saveQuantities();
submitOnce();
revealPasswords();
follow(document);
