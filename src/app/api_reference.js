// Shows the operations that have all the words typed; "/" goes to the search.
const search = document.getElementById("search");
const sections = [...document.querySelectorAll("main section")]
  .map((section) => ({section, text: section.textContent.toLowerCase()}));
const entries = new Map([...document.querySelectorAll("nav .entry")]
  .map((entry) => [entry.dataset.for, entry]));

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const {section, text} of sections) {
    section.hidden = !words.every((word) => text.includes(word));
    shown += section.hidden ? 0 : 1;
    const entry = entries.get(section.id);
    if (entry) entry.hidden = section.hidden;
  }
  document.getElementById("nothing").hidden = shown > 0;
  document.body.classList.toggle("searching", words.length > 0);
}

search.addEventListener("input", filter);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target === search) return;
  event.preventDefault();
  search.focus();
});
// A link out of a search's results shows the whole again.
window.addEventListener("hashchange", () => {
  const target = document.getElementById(location.hash.slice(1));
  if (!target || !target.hidden) return;
  search.value = "";
  filter();
  target.scrollIntoView();
});
