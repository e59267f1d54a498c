// What the picture of the network is drawn with: colours as WebGL takes them, and names beside dots.
(function () {
  "use strict";

  // What the style sheet calls a colour, as numbers that WebGL takes.
  function numbers(colour) {
    var canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    var pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return Array.prototype.slice.call(pen.getImageData(0, 0, 1, 1).data, 0, 3);
  }

  function rgb(parts) {
    return "rgb(" + parts.join(",") + ")";
  }

  // As if one colour lay thinly on another: lines over each other must not add up.
  function mixed(over, under, share) {
    return rgb(over.map(function (part, place) {
      return Math.round(part * share + under[place] * (1 - share));
    }));
  }

  function label(pen, data, settings, colours) {
    if (!data.label) return;
    pen.font = settings.labelWeight + " " + settings.labelSize + "px " + settings.labelFont;
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    pen.strokeStyle = colours.paper;
    pen.fillStyle = colours.ink;
    pen.strokeText(data.label, data.x + data.size + 3, data.y + settings.labelSize / 3);
    pen.fillText(data.label, data.x + data.size + 3, data.y + settings.labelSize / 3);
  }

  function ring(pen, data, settings, colours) {
    pen.beginPath();
    pen.arc(data.x, data.y, data.size + 3, 0, Math.PI * 2);
    pen.lineWidth = 3;
    pen.strokeStyle = colours.ink;
    pen.stroke();
    label(pen, data, settings, colours);
  }

  window.pictureInk = { numbers: numbers, rgb: rgb, mixed: mixed, label: label, ring: ring };
})();
