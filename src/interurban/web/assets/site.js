// What scripts add to pages that work without them: the theme switch, choices that apply at once, filtering of long lists, tooltips.
const root = document.documentElement;
const PAUSE_MS = 250;

function dark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function ready(scope) {
  for (const button of scope.querySelectorAll("[data-theme-switch]")) {
    button.hidden = false;
    button.onclick = () => {
      root.dataset.theme = dark() ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch { /* lasts for this page then */ }
      document.dispatchEvent(new CustomEvent("theme"));
    };
  }
  for (const input of scope.querySelectorAll("input[data-filters]")) {
    input.hidden = false;
    input.oninput = () => filter(input);
    if (input.value) filter(input);
  }
  for (const form of scope.querySelectorAll("form[data-at-once]")) {
    form.onchange = (event) => { if (!event.target.matches("[data-filters]")) apply(form, event.target.type === "range" ? PAUSE_MS : 0); };
    for (const button of form.querySelectorAll("button[data-plain]")) button.hidden = true;
  }
  for (const input of scope.querySelectorAll("input[type=range][data-shows]")) {
    const shown = document.getElementById(input.dataset.shows);
    input.oninput = () => { shown.textContent = input.value; };
  }
  for (const form of scope.querySelectorAll("form[data-kept]")) keep(form);
  for (const button of scope.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.onclick = async () => {
      await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
      say(button.dataset.said);
    };
  }
}

// A slider moved by keys changes at every step: the page is asked for when it rests.
function apply(form, pause) {
  clearTimeout(form.waiting);
  form.waiting = setTimeout(() => form.requestSubmit(), pause);
}

// What is typed into a form stays in the browser until it has been sent; each step shows how much of it is answered.
function keep(form) {
  const name = form.dataset.kept;
  const inputs = [...form.querySelectorAll("input, select")];
  try {
    if ("sent" in form.dataset) localStorage.removeItem(name);
    const kept = JSON.parse(localStorage.getItem(name) || "{}");
    for (const input of inputs) input.value ||= kept[input.name] || "";
  } catch { /* nothing kept, or nothing may be kept */ }
  form.oninput = () => {
    count(form);
    try { localStorage.setItem(name, JSON.stringify(Object.fromEntries(new FormData(form)))); } catch { /* lasts for this page then */ }
  };
  count(form);
}

function count(form) {
  for (const step of form.querySelectorAll("fieldset")) {
    const bar = step.querySelector("progress");
    bar.value = [...step.querySelectorAll("input")].filter((input) => input.value.trim() && !input.name.includes(".")).length;
    step.querySelector("output").textContent = bar.value;
  }
}

// The entries that hold every word typed, in any of their languages.
function filter(input) {
  const words = fold(input.value).split(/\s+/).filter(Boolean);
  for (const entry of document.querySelectorAll(input.dataset.filters)) {
    const text = fold(`${entry.dataset.names || ""} ${entry.textContent}`);
    entry.hidden = !words.every((word) => text.includes(word));
  }
}

function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function say(text) {
  document.getElementById("said").textContent = text;
}

ready(document);
document.addEventListener("htmx:after:swap", () => ready(document));
