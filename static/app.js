// What links, forms and htmx cannot do by themselves. Every page works without this file.
"use strict";

const wholePage = (ctx) => ctx.target === document.body || ctx.target === "body";

// After a page was replaced, the focus goes to what was refused or, if it was lost or something was
// done, to the content: of a list that is asked something else to its sentence, unless what was done is
// to be read first. The parts of lists and pickers keep it where it is.
const placeFocus = () => {
  const errors = document.getElementById("errors");
  if (errors) errors.focus();
  else if (document.activeElement === document.body || document.querySelector("main .done")) (document.querySelector("main:not(:has(.done)) #list") ?? document.getElementById("main")).focus({ preventScroll: true });
};

document.addEventListener("DOMContentLoaded", () => document.getElementById("errors")?.focus());

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  clearTrouble();
  if (wholePage(ctx)) {
    if (ctx.swap !== "outerSync") scrollTo(0, 0); // outerSync: going back, which keeps its place
    placeFocus();
  } else if (ctx.target === "#filter" || ctx.target.id === "filter") { // the form above a list: to what is wrong, or to its beginning
    (document.querySelector("#filter :is([aria-invalid], .wrong input)") ?? document.getElementById("what"))?.focus();
  } else if (ctx.sourceElement.rel) { // another page of a list: begin at its top
    document.querySelector("#list").focus({ preventScroll: true });
  } else if (document.activeElement === document.body) { // all are counted: there is no more link that does it
    document.querySelector(".position")?.focus({ preventScroll: true });
  }
});

// Ticks of a list: how many there are, and those of a page all at once. Whatever replaces the list
// takes them away, so that none can stay behind on another record.
const ticks = () => [...(document.getElementById("many")?.elements ?? [])].filter((e) => e.name === "id");

// What is said of the ticks is announced: that there are none only when there were some.
const none = "None ticked";
let said = "";

const countTicks = () => {
  const form = document.getElementById("many");
  if (!form) return;
  const boxes = ticks();
  const n = boxes.filter((box) => box.checked).length;
  const all = document.getElementById("tick-all");
  all.parentElement.hidden = false;
  all.checked = n === boxes.length;
  all.indeterminate = n > 0 && n < boxes.length;
  if (form.elements.all.checked) said = "All are meant, ticked or not.";
  else if (n > 0) said = `${n} ticked`;
  else said = said === "" || said === none ? "" : none;
  const ticked = document.getElementById("ticked");
  if (ticked.textContent !== said) ticked.textContent = said;
};

const untick = () => {
  for (const box of [...ticks(), document.getElementById("many")?.elements.all]) if (box) box.checked = false;
  countTicks();
};

document.addEventListener("change", ({ target }) => {
  if (target.id === "tick-all") ticks().forEach((box) => (box.checked = target.checked));
  if (target.id === "tick-all" || target.form?.matches("#many")) countTicks();
});
document.addEventListener("DOMContentLoaded", countTicks);
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => ctx.sourceElement.id === "palette-q" || untick());
addEventListener("pageshow", countTicks);

// What opens above a list lies over its rows, and closes when one turns to something else.
const turnAway = ({ target }) => {
  const open = document.querySelector(".tools > [open]");
  if (open && !open.contains(target) && !target.contains(open)) open.open = false;
};
document.addEventListener("click", turnAway);
document.addEventListener("focusin", turnAway);
document.addEventListener("keydown", ({ key, target }) => {
  const open = key === "Escape" && target.closest?.(".tools > [open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// A field that is empty says nothing in an address.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET") return;
  for (const [name, value] of [...ctx.request.body]) if (value === "") ctx.request.body.delete(name);
});

// How good a new password is, is asked with that password and whose it is, and nothing else of its form.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (!ctx.request.action.endsWith("/password-strength")) return;
  for (const name of [...ctx.request.body.keys()]) if (name !== "password" && name !== "name") ctx.request.body.delete(name);
});

// A form that writes is sent once. Going back to it allows it again.
const sending = new Set();
const release = (form) => {
  sending.delete(form);
  form.removeAttribute("aria-busy");
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if ((event.submitter?.formMethod || form.method) !== "post") return;
  if (sending.has(form)) {
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  sending.add(form);
  form.setAttribute("aria-busy", "true");
}, true);
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => ctx.request.form && release(ctx.request.form));
addEventListener("pageshow", () => sending.forEach(release));

// No answer: say so, keep what was typed, and offer to try again. A form carries a token, so that
// sending it twice writes once.
const clearTrouble = () => document.getElementById("trouble").replaceChildren();

const again = ({ sourceElement: source, request }) => {
  if (!source.isConnected || source === document.body) location.reload();
  else if (source.matches("form")) source.requestSubmit(source.contains(request.submitter) ? request.submitter : null);
  else if (source.matches("input")) source.dispatchEvent(new Event("input", { bubbles: true }));
  else source.click();
};

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx?.request || ctx.sourceElement.id === "palette-q") return; // the palette says so itself
  const text = document.createElement("p");
  text.textContent = ctx.response
    ? "The answer could not be shown."
    : "The server did not answer. What you typed is still here, and nothing is done twice if you try again.";
  const retry = document.createElement("button");
  retry.className = "button quiet";
  retry.textContent = "Try again";
  retry.addEventListener("click", () => {
    clearTrouble();
    again(ctx);
  });
  document.getElementById("trouble").replaceChildren(text, retry);
});

// Keys: down from a picker's search into the hits and up again.
const hits = (picker) => [...picker.querySelectorAll("input[type=radio]:enabled")];

document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const picker = at.closest?.(".picker");
  if (!picker) return;
  const search = picker.querySelector("input[type=search]");
  const first = hits(picker)[0];
  if (at === search && first && window.htmx && (event.key === "ArrowDown" || event.key === "Enter")) {
    event.preventDefault(); // the hits are there already: Enter must not send the form
    first.focus();
  } else if (at === first && event.key === "ArrowUp") {
    event.preventDefault();
    search.focus();
  }
});
