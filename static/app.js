// What HTML and htmx cannot do. Every page works without it.
"use strict";

const byId = (id) => document.getElementById(id);
const find = (what) => document.querySelector(what);
const all = (what) => [...document.querySelectorAll(what)];
const on = document.addEventListener.bind(document);
const onHtmx = (event, does) => on("htmx:" + event, (e) => e.detail.ctx?.request && does(e.detail.ctx, e));

const isLost = () => document.activeElement === document.body;
const isPage = ({ target }) => target === document.body || target === "body";
const still = { preventScroll: true };

// In a new page the focus goes to what was refused or the field that it names; if it was lost or something was
// done, to the content.
const placeFocus = () => {
  const first = byId("errors") ?? find("[data-focus]");
  const done = find(".done [role=status]");
  first?.focus();
  if (first && done) setTimeout(() => done.append(...done.childNodes), 99); // only what changes is read out
  else if (!first && (done || isLost())) (find("main:not(:has(.done)) #list") ?? byId("main")).focus(still);
};
byId("errors")?.focus();

onHtmx("after:swap", (ctx) => {
  const { target, sourceElement: source } = ctx;
  if (isQuiet(ctx)) {
    if (goesOn && answered()) goFirst();
    return;
  }
  tell("");
  untick();
  if (isPage(ctx)) {
    if (ctx.swap !== "outerSync") scrollTo(0, 0); // outerSync: going back
    const { form } = ctx.request;
    const next = form?.matches(".quick") && form.elements.name.value;
    if (next && next !== sent && !byId("errors")) (byId("name") ?? {}).value = next; // typed meanwhile
    placeFocus();
  } else if (target === "#filter" || target.id === "filter") {
    (find("#filter :is([aria-invalid], .wrong input)") ?? byId("what"))?.focus();
  } else if (source.rel) { // another page of a list
    byId("list").focus(still);
  } else if (isLost()) {
    find(".position")?.focus(still);
  }
});

// Ticks of a list, which go with it.
const ticks = () => all("[form=many][name=id]");
const none = "None ticked";
let said = "";

const countTicks = () => {
  const form = byId("many");
  if (!form) return;
  const rest = ticks().filter((box) => !box.checked).length;
  const n = ticks().length - rest;
  const every = byId("tick-all");
  every.parentElement.hidden = false;
  every.checked = !rest;
  every.indeterminate = n && rest;
  if (form.elements.all.checked) said = "All are meant, ticked or not.";
  else if (n) said = `${n} ticked`;
  else said = said && said !== none ? none : ""; // told once
  byId("ticked").textContent = said;
};

const untick = () => {
  for (const box of all("[form=many], #many [name=all]")) box.checked = false;
  countTicks();
};

on("change", ({ target }) => {
  const every = target.id === "tick-all";
  if (every) ticks().forEach((box) => (box.checked = target.checked));
  if (every || target.form === byId("many")) countTicks();
});

// What opens over a list closes as one turns away.
const opened = () => find(".tools > [open]");
const turnAway = ({ target }) => {
  const it = opened();
  if (it && !it.contains(target) && !target.contains(it)) it.open = false;
};
on("click", turnAway);
on("focusin", turnAway);

// An empty field says nothing in an address. A password is judged by it and whose it is.
onHtmx("config:request", ({ request: { method, action, body } }) => {
  const meter = action.endsWith("/password-strength");
  for (const [name, value] of [...body]) {
    if (method === "GET" ? !value : meter && name !== "password" && name !== "name") body.delete(name);
  }
});

// Near its limit a field says, once one pauses, how many characters are left. It complains late, forgives early.
let pause;
const check = ({ type, target: field }) => {
  if (field.id === "palette-q") goesOn = false;
  if (!field.dataset.max) return;
  const note = byId(field.id + "-note");
  const text = field.value.trim().normalize();
  const left = field.dataset.max - [...text].length; // as the server counts
  const words = left < 0 ? `${-left} too many` : left > 10 ? "" : `${left} character${left === 1 ? "" : "s"} left`;
  if (text && left >= 0) {
    field.ariaInvalid = null;
    note.querySelector("strong")?.remove();
  } else if (type === "change") {
    field.ariaInvalid = true;
  }
  clearTimeout(pause);
  pause = setTimeout(() => (note.querySelector("output").textContent = words), 400);
};
on("input", check);
on("change", check);

// Who leaves what is not saved, or was refused, is asked first.
const unsaved = () => all("main [data-max]").some((f) => !f.form.ariaBusy && (f.value !== f.defaultValue || (byId("errors") && f.value)));
const leaves = () => !unsaved() || confirm(byId("trouble").dataset.unsaved);
addEventListener("beforeunload", (event) => unsaved() && event.preventDefault());
let typedAt; // going back changes that first
on("input", () => (typedAt = location.href));
on("htmx:before:history:restore", (event) => {
  if (leaves()) return;
  event.preventDefault();
  history.pushState({ htmx: true }, "", typedAt);
});

// A form that writes is sent once, and again after going back to it.
let sent;
on("submit", (event) => {
  const form = event.target;
  if (palette()?.contains(form)) {
    event.preventDefault();
    if (answered()) return goFirst();
    htmx.trigger("#palette-q", "input"); // not answered yet
    goesOn = true;
  }
  if ((event.submitter?.formMethod || form.method) !== "post") return;
  if (form.ariaBusy) {
    event.preventDefault();
    event.stopPropagation();
  }
  form.ariaBusy = true;
  sent = byId("name")?.value;
}, true);
addEventListener("pageshow", () => {
  all("form").forEach((form) => (form.ariaBusy = null));
  countTicks();
});

// How much of a file is sent: fetch cannot tell, and htmx waits a minute.
onHtmx("config:request", (ctx) => {
  const bar = ctx.request.form?.querySelector("progress");
  if (bar) ctx.fetch = (to, { headers, body }) => new Promise((done, fail) => {
    const r = new XMLHttpRequest();
    r.upload.onprogress = (e) => (bar.value = e.loaded / e.total);
    r.upload.onload = () => bar.removeAttribute("value"); // now it is read
    r.onload = () => done(new Response(r.response, { status: r.status, headers: [...r.getAllResponseHeaders().matchAll(/(.+?): (.*)/g)].map(([, ...h]) => h) }));
    r.onerror = fail;
    r.open("POST", to);
    for (const h in headers) r.setRequestHeader(h, headers[h]);
    r.send(body);
  });
});

// No answer: say so, and offer to try again; a form writes once. The palette says so itself, a hint nothing.
let slow;
const isQuiet = ({ sourceElement: { id } }) => /^(palette-q|alike|demo)$/.test(id);
const tell = (what, retry) => {
  const box = byId("trouble");
  const [text, button] = box.children;
  box.hidden = !what;
  text.textContent = box.dataset[what];
  button.hidden = !retry;
  button.onclick = retry;
};

const again = ({ sourceEvent: { target, type, submitter } }) => {
  tell("");
  if (!target?.isConnected) location.reload(); // going back had no event
  else if (type === "submit") target.requestSubmit(submitter);
  else htmx.trigger(target, type);
};

onHtmx("before:request", (ctx, event) => {
  if (isPage(ctx) && ctx.sourceElement !== document.body && !leaves()) event.preventDefault();
  if (isQuiet(ctx)) return;
  clearTimeout(slow);
  slow = setTimeout(tell, 8000, "slow");
});
// What comes too late for a page is not about the next.
onHtmx("before:response", (ctx, e) => isPage(ctx) || ctx.sourceElement.isConnected || e.preventDefault());
onHtmx("finally:request", (ctx) => {
  if (!isQuiet(ctx)) clearTimeout(slow);
  if (ctx.request.form) ctx.request.form.ariaBusy = null;
});
onHtmx("error", (ctx) => {
  if (!isQuiet(ctx)) return tell(ctx.response ? "odd" : "lost", () => again(ctx));
  goesOn = false;
  if (ctx.sourceElement.id === "palette-q") find("#found [role=status]").textContent = palette().dataset.lost;
});

// The search over any page: Ctrl K, the link, or "/" where a list has no search. /search has the same keys.
const palette = () => byId("palette");
const answered = () => byId("found").dataset.for === byId("palette-q").value;

// Enter goes to the first result, once what was typed is answered.
let goesOn = false;
const goFirst = () => find("#found ul:not(.else) a")?.click();

const openSearch = () => {
  const field = find(".finder input");
  if (palette()?.open === false) {
    palette().showModal();
    htmx.trigger(field, "input"); // it may be gone
  }
  field?.focus();
  field?.select();
};

on("click", (event) => {
  if (!palette() || !event.target.closest("a[href='/search']") || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  openSearch();
});

// Down and up lead from a search into what it found, and back.
on("keydown", (event) => {
  const { key, target: at } = event;
  if (event.isComposing || event.keyCode === 229 || event.altKey) return; // 229: in Safari
  const go = (to) => {
    event.preventDefault();
    to ? to.focus() : openSearch();
  };
  if (event.ctrlKey !== event.metaKey && !event.shiftKey && key?.toLowerCase() === "k") return go();
  if (event.ctrlKey || event.metaKey) return;
  if (!at.matches("input:not([type=radio], [type=checkbox]), textarea, select")) {
    if (key === "/") return go(palette()?.open ? null : find("main search input"));
    if (key === "?") byId("keys")?.showModal();
  }
  const it = opened();
  if (key === "Escape" && it?.contains(at)) {
    it.open = false;
    it.querySelector("summary").focus();
  }
  const group = at.closest(".finder, .picker");
  if (!group) return;
  const stops = [group.querySelector("input"), ...group.querySelectorAll("#found a, [type=radio]:enabled")];
  const now = stops.indexOf(at);
  const enters = key === "Enter" && now === 0 && group.matches(".picker"); // and sends nothing
  const next = stops[now + (key === "ArrowDown" || enters ? 1 : key === "ArrowUp" ? -1 : NaN)];
  if (next && now >= 0 && (!now || next.type !== "radio")) go(next); // the browser does radio buttons
});
