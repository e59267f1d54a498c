// How text is dressed: all that its contrast depends on, as the browser computed it. See accessible.py.
window.dresses = (() => {
  const CONTROLS = "input:not([type=hidden], [type=checkbox], [type=radio], [type=range], [type=color]), select, textarea";
  const LINK = "a[href], [role=link]";
  const BLOCK = /^(block|list-item|table.*|flex|grid|inline-block)$/;
  const SEEN = {visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true};
  const CLEAR = "rgba(0, 0, 0, 0)";
  // Names of what has no dress: text that nobody sees, and text that something lies over or under.
  const UNSEEN = -1, OWN = -2;

  // Text of its own; axe never finds a single character wrong.
  const ownText = element => [...element.childNodes].filter(node => node.nodeType === 3)
    .map(node => node.data.trim()).join(" ").trim().length > 1;

  // A short name of a long one: two plain hashes side by side, of which 53 bits fit a number.
  const hash = words => {
    let a = 5381, b = 52711;
    for (let i = 0; i < words.length; i++) {
      a = Math.imul(a, 33) ^ words.charCodeAt(i);
      b = (Math.imul(b, 65599) + words.charCodeAt(i)) | 0;
    }
    return (a >>> 0) * 2 ** 21 + (b >>> 11);
  };

  // One look at each element of a page.
  const looker = () => {
    const layers = new Map();
    return element => {
      let layer = layers.get(element);
      if (!layer) {
        const style = getComputedStyle(element);
        const paint = [style.backgroundColor, style.backgroundImage, style.backgroundClip].join();
        const shine = [style.opacity, style.filter, style.mixBlendMode, style.backdropFilter].join();
        layer = {
          style, shine,
          paints: style.backgroundColor !== CLEAR || style.backgroundImage !== "none"
            || element.matches("img, svg, canvas, video, iframe, object, embed"),
          paint,
          clipped: style.position === "absolute" && /^rect\(0px,? 0px,? 0px,? 0px\)$/.test(style.clip),
        };
        layers.set(element, layer);
      }
      return layer;
    };
  };

  const box = element => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const inner = range.getBoundingClientRect();
    return inner.width && inner.height && !element.matches(CONTROLS) ? inner : element.getBoundingClientRect();
  };
  const around = (outer, inner) => outer.left <= inner.left + 0.5 && outer.right >= inner.right - 0.5
    && outer.top <= inner.top + 0.5 && outer.bottom >= inner.bottom - 0.5;
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0;

  // What stands in a block beside its links and the blocks in it.
  const wordsIn = (element, look) => [...element.childNodes].map(node => {
    if (node.nodeType === 3) return node.data;
    if (node.nodeType !== 1 || node.matches(LINK) || BLOCK.test(look(node).style.display)) return "";
    return wordsIn(node, look);
  }).join("");

  // The words around a link, from which it must be told, too; nothing where it stands alone.
  const amongWords = (link, look) => {
    if (BLOCK.test(look(link).style.display)) return "";
    let block = link.parentElement;
    while (block && !BLOCK.test(look(block).style.display)) block = block.parentElement;
    if (!block) return "";
    if (!wordsIn(block, look).trim()) return "";
    return [look(link.parentElement).style, look(block).style].map(style => [style.color, style.fontWeight,
      style.fontStyle, style.fontSize, style.fontFamily, style.textDecoration, style.backgroundColor].join()).join();
  };

  const dress = (element, look, painters) => {
    const where = box(element), {style} = look(element), parts = [];
    if (where.bottom + scrollY <= 0 || where.right + scrollX <= 0) return UNSEEN;
    for (let one = element; one; one = one.parentElement) if (look(one).clipped) return UNSEEN;
    for (const one of painters) {
      if (meet(one.where, where) && !one.element.contains(element) && !element.contains(one.element)) return OWN;
    }
    for (let one = element; one; one = one.parentElement) {
      const layer = look(one);
      if (layer.paints) parts.push(`${layer.paint}${around(one.getBoundingClientRect(), where)}`);
      if (layer.shine !== "1,none,normal,none") parts.push(layer.shine);
    }
    const own = [style.color, style.fontSize, style.fontWeight, style.textShadow, style.webkitTextFillColor,
      style.webkitTextStroke, element.matches(CONTROLS), ownText(element)];
    const words = element.matches(LINK) && amongWords(element, look);
    if (words) own.push(words, style.textDecoration, style.fontStyle, style.fontFamily, style.border);
    return hash([...own, ...parts].join("|"));
  };

  // What axe has to find well before a dress is known to be.
  const rulesOf = (element, look) => [
    ...(element.matches(CONTROLS) || ownText(element) ? ["color-contrast"] : []),
    ...(element.matches(LINK) && amongWords(element, look) ? ["link-in-text-block"] : []),
  ];

  const worn = () => {
    const all = [...document.body.querySelectorAll("*")], look = looker();
    const shown = all.filter(element => element.checkVisibility(SEEN));
    const painters = shown.filter(element => look(element).paints)
      .map(element => ({element, where: element.getBoundingClientRect()}));
    return shown.map(element => ({element, rules: rulesOf(element, look)})).filter(one => one.rules.length)
      .map(one => ({...one, name: dress(one.element, look, painters)}))
      .filter(one => one.name !== UNSEEN);
  };

  // What is wrong, and which dresses axe found well, of those not known to be.
  const judge = async (known, options) => {
    const well = new Set(known), left = worn().filter(one => one.name === OWN || !well.has(one.name));
    if (!left.length) return {violations: [], passed: []};
    const wanted = {...options, resultTypes: ["violations", "passes"], elementRef: true};
    const found = await axe.run({include: left.map(one => one.element)}, wanted);
    const fine = Object.fromEntries(found.passes.map(({id, nodes}) => [id, new Set(nodes.map(node => node.element))]));
    const passed = left.filter(one => one.name !== OWN && one.rules.every(rule => fine[rule]?.has(one.element)));
    const violations = found.violations.map(({id, impact, help, nodes}) => (
      {id, impact, help, nodes: nodes.map(({target, html}) => ({target, html}))}
    ));
    return {violations, passed: passed.map(one => one.name)};
  };

  return {judge, worn};
})();
