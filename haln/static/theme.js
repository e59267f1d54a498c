// Sets the chosen colour scheme before the first paint; loaded without defer in <head> for that reason.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("scheme");
  } catch (error) {
    chosen = null; // storage may be switched off: the system's own scheme serves
  }
  var dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
