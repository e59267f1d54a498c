// Draws the network that /network/picture.json tells of. Without it, or where nothing can be drawn, the page says the
// same in words and tables, which this script keeps to the day that is chosen.
(function () {
  "use strict";
  var section = document.getElementById("picture");
  if (!section) return;
  var words = section.dataset, ink = window.pictureInk, days = window.pictureDays;
  var stage = byId("stage"), range = byId("stop"), known = byId("known"), chosenWords = byId("chosen");
  var still = matchMedia("(prefers-reduced-motion: reduce)");
  var PAUSE = 900; // milliseconds between two days while it plays
  var NAMED = 15; // up to so many connections of a dot have their names in the picture; all are in the list
  var told, graph, sigma, colours, small, stop, here, ties, friends;
  var chosen = null, alone = null, playing = null, speaking = null, keeping = null;

  function byId(name) {
    return document.getElementById("picture-" + name);
  }

  function fail() {
    section.hidden = true;
    byId("failed").hidden = false;
    byId("without").hidden = true;
  }

  function drawable() {
    try {
      return Boolean(document.createElement("canvas").getContext("webgl2"));
    } catch (error) {
      return false;
    }
  }

  function readColours() {
    var paper = ink.numbers(getComputedStyle(stage).backgroundColor), pen = ink.numbers(getComputedStyle(stage).color);
    colours = { ink: ink.rgb(pen), paper: ink.rgb(paper), faint: ink.mixed(pen, paper, 0.14) };
    colours.line = ink.mixed(pen, paper, told.lines.length > 2000 ? 0.13 : 0.25);
    colours.strong = ink.mixed(pen, paper, 0.7);
    colours.groups = told.groups.map(function (code) {
      var swatch = section.querySelector('[data-group="' + code + '"] .picture-swatch');
      return swatch ? ink.rgb(ink.numbers(getComputedStyle(swatch).backgroundColor)) : colours.strong;
    });
  }

  // A line has its two ends, and when it holds.
  function settle(at) {
    stop = at;
    here = told.dots.map(function (dot) {
      return days.groupAt(dot[2], at, told.groups.length - 1);
    });
    friends = told.dots.map(function () {
      return [];
    });
    ties = told.lines.map(function (line) {
      var holds = days.holdsAt(line[2], at);
      if (holds) {
        friends[line[0]].push(line[1]);
        friends[line[1]].push(line[0]);
      }
      return holds;
    });
  }

  function isNear(dot) {
    return chosen === null || dot === chosen || friends[chosen].indexOf(dot) >= 0;
  }

  function dotLooks(key, data) {
    var dot = Number(key), group = here[dot];
    if (group === null) return Object.assign({}, data, { hidden: true });
    var dim = !isNear(dot) || (alone !== null && told.groups[group] !== alone);
    var looks = Object.assign({}, data, { zIndex: dim ? 0 : 1, label: null });
    looks.size = dim && chosen !== null ? 1.5 : Math.max(1.7, small * (2 + Math.sqrt(friends[dot].length) * 1.3));
    looks.color = dim ? colours.faint : colours.groups[group];
    looks.label = told.names[dot][0];
    looks.forceLabel = dot === chosen || (chosen !== null && !dim && friends[chosen].length <= NAMED);
    looks.highlighted = dot === chosen;
    return looks;
  }

  function lineLooks(key, data) {
    var number = Number(key), line = told.lines[number];
    var near = chosen !== null && (line[0] === chosen || line[1] === chosen);
    var looks = Object.assign({}, data, { size: near ? 2 : 0.7, zIndex: near ? 1 : 0 });
    looks.color = near ? colours.strong : colours.line;
    // Lines of others would cover those that are asked for.
    looks.hidden = !ties[number] || (chosen !== null ? !near : alone !== null && !isAlone(line[0]) && !isAlone(line[1]));
    return looks;
  }

  function isAlone(dot) {
    return told.groups[here[dot]] === alone;
  }

  function draw() {
    graph = new graphology.Graph({ type: "undirected" });
    told.dots.forEach(function (dot, number) {
      graph.addNode(String(number), { x: dot[0], y: dot[1], size: 3 });
    });
    told.lines.forEach(function (line, number) {
      graph.addEdgeWithKey(String(number), String(line[0]), String(line[1]));
    });
    sigma = new Sigma(graph, stage, {
      nodeReducer: dotLooks,
      edgeReducer: lineLooks,
      defaultDrawNodeLabel: function (pen, data, settings) { ink.label(pen, data, settings, colours); },
      defaultDrawNodeHover: function (pen, data, settings) { ink.ring(pen, data, settings, colours); },
      labelFont: getComputedStyle(stage).fontFamily,
      labelSize: 14,
      labelWeight: "600",
      labelRenderedSizeThreshold: 1000, // names come with choosing, not with size
      hideEdgesOnMove: told.lines.length > 20000,
      zIndex: true,
      stagePadding: 24,
    });
    sigma.on("clickNode", function (event) {
      choose(Number(event.node));
    });
    sigma.on("clickStage", function () {
      choose(null);
    });
    sigma.on("enterNode", function () {
      stage.classList.add("picture-over");
    });
    sigma.on("leaveNode", function () {
      stage.classList.remove("picture-over");
    });
  }

  // How many are drawn, as the renderer has them.
  function count() {
    stage.dataset.dots = graph.filterNodes(function (key) {
      return !sigma.getNodeDisplayData(key).hidden;
    }).length;
    stage.dataset.lines = graph.filterEdges(function (key) {
      return ties[Number(key)];
    }).length;
  }

  function refresh() {
    sigma.refresh();
    count();
  }

  function sayDay(found) {
    byId("day").textContent = found.day;
    range.setAttribute("aria-valuetext", found.day);
    document.querySelector(".page-header .lead").textContent = found.sentences[0];
    document.querySelector("[data-sentences]").replaceChildren.apply(
      document.querySelector("[data-sentences]"),
      found.sentences.map(function (sentence) {
        var item = document.createElement("li");
        item.textContent = sentence;
        return item;
      })
    );
    ["facts", "sectors", "parts"].forEach(function (name) {
      days.fillTable(name, found[name]);
    });
    section.querySelectorAll("[data-group]").forEach(function (key) {
      key.querySelector("[data-members]").textContent = found.groups[key.dataset.group] || "0";
    });
    clearTimeout(speaking);
    speaking = setTimeout(function () {
      byId("says").textContent = found.sentences.join(" ");
    }, 500);
  }

  // The day that is chosen goes along to the other pages, and stays when the page is loaded again.
  function keepDay(day) {
    document.querySelectorAll(".tabs a").forEach(function (link) {
      link.href = withDay(link.href, day);
    });
    var field = document.querySelector('.figures-asked [name="as_of"]');
    if (field) field.value = day;
    clearTimeout(keeping); // a browser does not let a page change its address as often as a slider moves
    keeping = setTimeout(function () {
      history.replaceState(history.state, "", withDay(location.href, day));
    }, 250);
  }

  function withDay(address, day) {
    var url = new URL(address), name = url.searchParams.has("until") ? "until" : "as_of";
    if (day) url.searchParams.set(name, day);
    else url.searchParams.delete(name);
    return url.href;
  }

  function go(at) {
    at = Math.max(0, Math.min(told.stops.length - 1, at));
    range.value = at;
    byId("back").setAttribute("aria-disabled", String(at === 0));
    byId("forward").setAttribute("aria-disabled", String(at === told.stops.length - 1));
    settle(at);
    sayDay(told.stops[at]);
    keepDay(at === told.stops.length - 1 ? words.asOf : told.stops[at].on);
    sayChosen();
    refresh();
  }

  function paragraph(text, name) {
    var made = document.createElement("p");
    made.textContent = text;
    if (name) made.className = name;
    return made;
  }

  function nameOf(dot) {
    return told.names[dot][0];
  }

  function groupName(group) {
    var key = section.querySelector('[data-group="' + told.groups[group] + '"] span:nth-child(2)');
    return key ? key.textContent : "";
  }

  function sayChosen() {
    known.replaceChildren();
    if (chosen === null) {
      chosenWords.replaceChildren(paragraph(words.nobody, "quiet"));
      return;
    }
    var group = here[chosen];
    chosenWords.replaceChildren(paragraph(nameOf(chosen), "picture-chosen-name"));
    if (group === null) {
      chosenWords.append(paragraph(words.gone));
      return;
    }
    chosenWords.append(paragraph(groupName(group)));
    chosenWords.append(paragraph(words.connections.replace("{number}", friends[chosen].length)));
    var line = paragraph(""), link = document.createElement("a");
    link.href = told.names[chosen][1];
    link.textContent = words.open;
    line.append(link);
    chosenWords.append(line);
    if (friends[chosen].length) known.append(listOf(friends[chosen].slice()));
  }

  function listOf(dots) {
    var list = document.createElement("ul");
    dots.sort(function (one, other) {
      return nameOf(one).localeCompare(nameOf(other));
    });
    dots.forEach(function (dot) {
      var item = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.textContent = nameOf(dot);
      button.addEventListener("click", function () {
        choose(dot);
        stage.focus();
      });
      item.append(button);
      list.append(item);
    });
    return list;
  }

  function choose(dot) {
    chosen = dot !== null && here[dot] === null ? null : dot;
    sayChosen();
    refresh();
    if (chosen !== null) show(chosen);
  }

  // Bring a dot into view where it is not.
  function show(dot) {
    var at = sigma.framedGraphToViewport(sigma.getNodeDisplayData(String(dot)));
    if (at.x > 0 && at.y > 0 && at.x < stage.clientWidth && at.y < stage.clientHeight) return;
    var place = sigma.getNodeDisplayData(String(dot));
    move({ x: place.x, y: place.y });
  }

  function move(state) {
    sigma.getCamera().animate(state, { duration: still.matches ? 0 : 250 });
  }

  function zoom(by) {
    move({ ratio: sigma.getCamera().ratio * by });
  }

  function whole() {
    move({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
  }

  // The nearest dot to the left, the right, above or below; from nowhere, the one with the most connections.
  function step(right, up) {
    var best = null, least = Infinity;
    told.dots.forEach(function (dot, number) {
      if (here[number] === null || number === chosen) return;
      if (chosen === null) {
        if (-friends[number].length < least) {
          least = -friends[number].length;
          best = number;
        }
        return;
      }
      var x = dot[0] - told.dots[chosen][0], y = dot[1] - told.dots[chosen][1];
      var along = x * right + y * up, aside = Math.abs(x * up) + Math.abs(y * right);
      if (along <= 0 || along < aside) return;
      if (along + 2 * aside < least) {
        least = along + 2 * aside;
        best = number;
      }
    });
    if (best !== null) choose(best);
  }

  var KEYS = {
    ArrowLeft: function () { step(-1, 0); },
    ArrowRight: function () { step(1, 0); },
    ArrowUp: function () { step(0, 1); },
    ArrowDown: function () { step(0, -1); },
    "+": function () { zoom(1 / 1.5); },
    "=": function () { zoom(1 / 1.5); },
    "-": function () { zoom(1.5); },
    "0": whole,
    Escape: function () { choose(null); },
  };

  function play() {
    if (playing !== null || still.matches) {
      clearInterval(playing);
      playing = null;
    } else {
      if (stop === told.stops.length - 1) go(0);
      playing = setInterval(function () {
        go(stop + 1);
        if (stop === told.stops.length - 1) play();
      }, PAUSE);
    }
    byId("play").textContent = playing === null ? words.play : words.pause;
  }

  function pause() {
    if (playing !== null) play();
  }

  function showsPlay() {
    byId("play").hidden = still.matches || told.stops.length < 2;
    if (still.matches) pause();
  }

  function press(key) {
    alone = alone === key.dataset.group ? null : key.dataset.group;
    section.querySelectorAll("[data-group]").forEach(function (one) {
      one.setAttribute("aria-pressed", String(one.dataset.group === alone));
    });
    refresh();
  }

  function offerNames() {
    var list = byId("names"), numbers = Object.keys(told.names);
    numbers.forEach(function (number) {
      var option = document.createElement("option");
      option.value = told.names[number][0];
      list.append(option);
    });
    byId("find").addEventListener("change", function () {
      var text = byId("find").value.trim().toLocaleLowerCase();
      var found = numbers.filter(function (number) {
        return here[number] !== null && told.names[number][0].toLocaleLowerCase() === text;
      });
      choose(found.length ? Number(found[0]) : null);
      if (text && !found.length) chosenWords.replaceChildren(paragraph(words.unknown));
    });
  }

  // The wheel and a finger scroll the page; they zoom and move the picture once it has been chosen.
  function leaveScrolling(event) {
    var fingers = event.touches ? event.touches.length : 1;
    if (document.activeElement !== stage && fingers < 2) event.stopPropagation();
  }

  function listen() {
    ["wheel", "touchstart", "touchmove"].forEach(function (name) {
      stage.addEventListener(name, leaveScrolling, { capture: true, passive: true });
    });
    stage.addEventListener("click", function () {
      stage.focus({ preventScroll: true });
    });
    stage.addEventListener("keydown", function (event) {
      if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      KEYS[event.key]();
    });
    range.addEventListener("input", function () {
      pause();
      go(Number(range.value));
    });
    byId("back").addEventListener("click", function () { pause(); go(stop - 1); });
    byId("forward").addEventListener("click", function () { pause(); go(stop + 1); });
    byId("play").addEventListener("click", play);
    byId("in").addEventListener("click", function () { zoom(1 / 1.5); });
    byId("out").addEventListener("click", function () { zoom(1.5); });
    byId("whole").addEventListener("click", whole);
    section.querySelectorAll("[data-group]").forEach(function (key) {
      key.addEventListener("click", function () { press(key); });
    });
    still.addEventListener("change", showsPlay);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
    new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  }

  function recolour() {
    readColours();
    refresh();
  }

  function start(answer) {
    told = answer;
    small = Math.max(0.5, Math.min(2.5, Math.sqrt(600 / told.dots.length)));
    words.nobody = chosenWords.textContent.trim();
    section.hidden = false;
    readColours();
    settle(told.stops.length - 1);
    draw();
    offerNames();
    listen();
    showsPlay();
    go(Number(range.value));
    byId("without").hidden = true;
  }

  // Only where they can be of use: they are large, and one of them cannot be read at all without WebGL.
  function load(address) {
    return new Promise(function (done, failed) {
      var script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
  }

  function read() {
    return fetch(words.source, { headers: { Accept: "application/json" } }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    });
  }

  if (!drawable()) {
    fail();
    return;
  }
  Promise.all([read(), load(words.graphology), load(words.sigma)])
    .then(function (found) {
      start(found[0]);
    })
    .catch(fail);
})();
