// Times in the browser's own time zone, in the English that it prefers.
const english = navigator.languages.find((language) => language.startsWith("en")) ?? "en";
const words = new Intl.DateTimeFormat(english, {
  dateStyle: "long",
  timeStyle: "short",
});

export function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.textContent = words.format(at);
  }
}
