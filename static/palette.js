// The search across all kinds, opened over any page: Ctrl K, "/" where a list has no search of its
// own, or the link in the header. Its results are links that the arrow keys lead through. On the
// page /search the same keys work.
"use strict";

const palette = () => document.getElementById("palette"); // not there on /search
const fieldOf = (finder) => finder.querySelector("input");
const linksOf = (finder) => [...finder.querySelectorAll("#found a")];

const openSearch = () => {
  const finder = palette() ?? document.querySelector(".finder");
  const field = fieldOf(finder);
  if (finder === palette() && !finder.open) {
    finder.showModal(); // closing it gives the focus back
    typed(); // what was found last time may be gone
  }
  field.focus();
  field.select();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href='/search']");
  if (!link || !palette() || palette().contains(link)) return;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  openSearch();
});

// Enter goes to the first result: at once, or as soon as what was typed last is answered.
let goesOn = false;

const answered = () => document.getElementById("found").dataset.for === fieldOf(palette()).value;
const typed = () => fieldOf(palette()).dispatchEvent(new Event("input", { bubbles: true }));

// What can always be done is no result.
const goFirst = () => palette().querySelector("#found ul:not(.else) a")?.click();

document.addEventListener("submit", (event) => {
  if (!palette()?.contains(event.target)) return;
  event.preventDefault();
  if (answered()) return goFirst();
  typed(); // asks once more, in case that it was not answered at all
  goesOn = true;
});

document.addEventListener("input", ({ target }) => {
  if (target.id === "palette-q") goesOn = false;
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (goesOn && ctx.sourceElement.id === "palette-q" && answered()) goFirst();
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.sourceElement?.id !== "palette-q") return;
  goesOn = false;
  palette().querySelector("[role=status]").textContent = "The server did not answer. Press Enter to try again.";
});

const isField = (e) => e.matches("input:not([type=radio], [type=checkbox]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.altKey) return; // 229: composing, in Safari
  const at = event.target;
  if (event.ctrlKey !== event.metaKey && !event.shiftKey && event.key?.toLowerCase() === "k") {
    event.preventDefault();
    openSearch();
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  if (event.key === "/" && !isField(at)) {
    event.preventDefault();
    const own = palette()?.open ? null : document.querySelector("main search input");
    if (own) own.focus();
    else openSearch();
    return;
  }
  const finder = at.closest?.(".finder");
  if (!finder) return;
  const field = fieldOf(finder);
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [field, ...linksOf(finder)];
  const now = stops.indexOf(at);
  const next = stops[now + (event.key === "ArrowDown" ? 1 : -1)];
  if (now < 0 || (at === field && event.key === "ArrowUp")) return;
  event.preventDefault();
  next?.focus();
});
