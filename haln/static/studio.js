// Cards may be dragged onto a set: that opens the page which says what the move costs, and moves nobody by itself.
// Everything here can be done without it, by "Move to…".
(function () {
  "use strict";
  var dragged = null;

  function ready() {
    document.querySelectorAll("#studio .seat[data-panel]").forEach(function (seat) {
      if (seat.querySelector(".seat-move")) seat.draggable = true;
    });
  }

  function over(event) {
    return dragged && event.target.closest && event.target.closest("#studio [data-set]");
  }

  function unmark() {
    document.querySelectorAll(".set-over").forEach(function (set) {
      set.classList.remove("set-over");
    });
  }

  document.addEventListener("dragstart", function (event) {
    dragged = event.target.closest && event.target.closest("#studio .seat[draggable='true']");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.member);
    dragged.classList.add("seat-dragged");
  });

  document.addEventListener("dragover", function (event) {
    var set = over(event);
    if (!set) return;
    event.preventDefault();
    if (set.classList.contains("set-over")) return;
    unmark();
    set.classList.add("set-over");
  });

  document.addEventListener("drop", function (event) {
    var set = over(event);
    if (!set) return;
    event.preventDefault();
    if (set.contains(dragged)) return;
    location.assign(dragged.dataset.panel + "?to=" + encodeURIComponent(set.dataset.set) + "#move");
  });

  document.addEventListener("dragend", function () {
    if (dragged) dragged.classList.remove("seat-dragged");
    dragged = null;
    unmark();
  });

  // After a change the keyboard goes on where the change is.
  document.addEventListener("htmx:afterSettle", function () {
    ready();
    var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && document.activeElement === document.body) target.focus({ preventScroll: true });
  });

  ready();
})();
