// Boxes over a page image: reading them from attributes, and drawing them as SVG.
// A box is [x0, y0, x1, y1] in fractions of the page, origin top left.
const SVG = "http://www.w3.org/2000/svg";

/** Read "x0,y0,x1,y1" from a data attribute; null where there is none. */
export function parseBox(text) {
  const box = (text || "").split(",").map(Number);
  return box.length === 4 && box.every(Number.isFinite) ? box : null;
}

/** Keep only what a search compares: no blanks, half width, small letters. */
export function fold(text) {
  return text.normalize("NFKC").replace(/\s+/g, "").toLowerCase();
}

/** An empty layer as large as the page image. */
export function makeLayer({ x, y }) {
  const layer = document.createElementNS(SVG, "svg");
  layer.setAttribute("viewBox", `0 0 ${x} ${y}`);
  layer.setAttribute("aria-hidden", "true");
  layer.classList.add("marks");
  return layer;
}

/** Draw one box; kind: low (the machine is not sure), read, hit, on (looked at now). */
export function drawMark(layer, { x: w, y: h }, [x0, y0, x1, y1], kind) {
  const rect = document.createElementNS(SVG, "rect");
  const room = kind === "on" ? w * 0.004 : 0;
  const shape = {
    x: x0 * w - room, y: y0 * h - room, width: (x1 - x0) * w + 2 * room, height: (y1 - y0) * h + 2 * room, rx: 4,
  };
  for (const [name, value] of Object.entries(shape)) rect.setAttribute(name, String(value));
  rect.classList.add(kind);
  layer.append(rect);
}
