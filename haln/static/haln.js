// Makes pages nicer; every one of them works without it.
(function () {
  "use strict";
  var root = document.documentElement;

  function showsToggle() {
    document.querySelectorAll("[data-theme-toggle]").forEach(function (button) {
      button.hidden = false;
    });
  }

  function switchScheme() {
    var next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    try {
      localStorage.setItem("scheme", next);
    } catch (error) {
      return; // without storage the choice lasts for this page
    }
  }

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }

  // What the link to the menu does without a script, and closes it again.
  function toggleMenu(panel) {
    var menu = panel.closest("details.menu");
    menu.open = !menu.open;
    if (menu.open) panel.querySelector("a").focus();
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-theme-toggle]")) switchScheme();
    var more = event.target.closest(".sections-more a");
    if (more) {
      event.preventDefault();
      toggleMenu(document.getElementById(more.hash.slice(1)));
    } else closeMenus(event.target.closest("details.menu"));
    var jump = event.target.closest(".error-summary a[href^='#']");
    var field = jump && document.getElementById(jump.hash.slice(1));
    if (field) {
      event.preventDefault();
      field.focus();
      field.scrollIntoView({ block: "center" });
    }
  });

  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Every request htmx makes carries the same token as the forms.
  document.addEventListener("htmx:configRequest", function (event) {
    var token = document.querySelector("meta[name='csrf-token']");
    if (token) event.detail.headers["X-CSRFToken"] = token.content;
  });

  // The server's own refusals arrive as notices; this one it cannot send.
  document.addEventListener("htmx:sendError", function () {
    var messages = document.getElementById("messages");
    messages.textContent = messages.dataset.offline;
    messages.classList.add("messages-offline");
  });

  // Filters start closed; on a desk there is room for them.
  function openFacets() {
    if (!matchMedia("(min-width: 62rem)").matches) return;
    document.querySelectorAll("details[data-open-on-desk]").forEach(function (panel) {
      panel.open = true;
    });
  }

  // Tabs that do not fit on a phone can be scrolled: the one that is open is in view.
  function showsOpenTab() {
    document.querySelectorAll(".tabs [aria-current]").forEach(function (tab) {
      var row = tab.closest(".tabs");
      var past = tab.getBoundingClientRect().left - row.getBoundingClientRect().left;
      row.scrollLeft += past - (row.clientWidth - tab.offsetWidth) / 2;
    });
  }
  document.addEventListener("htmx:load", showsOpenTab);
  window.addEventListener("resize", showsOpenTab);

  // A whole row or column of times is ticked at once; a second press takes the ticks away.
  function showsTickers() {
    document.querySelectorAll("[data-tick-row], [data-tick-column]").forEach(function (button) {
      button.hidden = false;
    });
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-tick-row], [data-tick-column]");
    if (!button) return;
    var which = button.hasAttribute("data-tick-row") ? "row" : "column";
    var chosen = "[data-" + which + "='" + button.getAttribute("data-tick-" + which) + "']";
    var boxes = Array.from(button.closest("[data-tick-table]").querySelectorAll("input" + chosen));
    var tick = boxes.some(function (box) { return !box.checked; });
    boxes.forEach(function (box) { box.checked = tick; });
  });

  // A form that sends itself when something in it changes keeps its button for those without scripts.
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute("data-send-on-change")) form.requestSubmit();
  });

  // When a part of the page is replaced, what was folded out stays so, and the keyboard stays where it was.
  var unfolded = [];
  var heldFocus = false;
  document.addEventListener("htmx:beforeSwap", function (event) {
    heldFocus = event.detail.target.contains(document.activeElement);
    unfolded = Array.from(event.detail.target.querySelectorAll("details[id][open]")).map(function (panel) {
      return panel.id;
    });
  });
  document.addEventListener("htmx:afterSwap", function () {
    unfolded.forEach(function (id) {
      var panel = document.getElementById(id);
      if (panel) panel.open = true;
    });
  });
  document.addEventListener("htmx:load", function (event) {
    var next = heldFocus && document.activeElement === document.body && event.detail.elt.querySelector("button, a, summary");
    if (next) next.focus({ preventScroll: true });
    heldFocus = false;
  });

  showsToggle();
  showsTickers();
  openFacets();
  showsOpenTab();
  var summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
})();
