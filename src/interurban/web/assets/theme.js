// Before the first paint: the theme the reader chose, kept in the browser alone so that pages stay the same for everyone.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage may be forbidden; the system's theme serves then */ }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  document.documentElement.dataset.scripted = "";
})();
