// What the picture of the network is on a day: who is in which group, which lines hold, and tables of it.
(function () {
  "use strict";

  // The group of a dot at a stop; the last of them where it is not known; null where nobody is there.
  function groupAt(runs, at, unknown) {
    for (var place = 0; place < runs.length; place += 1) {
      if (runs[place][0] <= at && at <= runs[place][1]) {
        return runs[place][2] < 0 ? unknown : runs[place][2];
      }
    }
    return null;
  }

  function holdsAt(runs, at) {
    return runs.some(function (run) {
      return run[0] <= at && at <= run[1];
    });
  }

  function fillTable(name, rows) {
    var frame = document.querySelector('[data-table="' + name + '"]'), table = frame.querySelector("table");
    frame.hidden = !rows.length;
    var heads = Array.prototype.map.call(table.tHead.rows[0].cells, function (cell) {
      return cell.textContent;
    });
    table.tBodies[0].replaceChildren.apply(table.tBodies[0], rows.map(function (row) {
      var line = document.createElement("tr");
      row.forEach(function (text, place) {
        var cell = document.createElement(place ? "td" : "th");
        cell.textContent = text;
        if (place) {
          cell.className = "number";
          cell.dataset.label = heads[place];
        } else {
          cell.scope = "row";
        }
        line.append(cell);
      });
      return line;
    }));
  }

  window.pictureDays = { groupAt: groupAt, holdsAt: holdsAt, fillTable: fillTable };
})();
