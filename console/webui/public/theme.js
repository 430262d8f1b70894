// Before the first paint, so that a dark page does not flash white. src/app/theme.ts changes the choice.
(function () {
  var chosen = localStorage.getItem("theme");
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("pf-v6-theme-dark", dark);
})();
