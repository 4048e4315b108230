// Page viewer: OpenSeadragon with an SVG overlay of boxes; without it the plain <img> stays.
// Pages come from a json_script block: [{id, lines?: [{text, box, confidence}], hits?: [box], values?: [box]}];
// the strip's links carry each page's image.
import { on, say } from "./app.js";
import { drawMark, fold, makeLayer, parseBox } from "./marks.js";

const UNSURE = 0.7;
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Viewer {
  constructor(host) {
    this.host = host;
    this.stage = host.querySelector("[data-stage]");
    this.pages = JSON.parse(document.getElementById(host.dataset.pages)?.textContent || "[]");
    for (const page of this.pages) page.link = host.querySelector(`[data-strip] a[data-page="${page.id}"]`);
    this.at = Number(host.dataset.start) || 0;
    this.term = fold(host.dataset.term || "");
    this.wanted = parseBox(host.dataset.box);
    this.marksShown = true;
    this.layer = null;
    this.osd = window.OpenSeadragon && this.pages.length ? this.start() : null;
    if (this.osd) this.load();
    else this.stage.classList.add("plain");
    this.listen();
  }

  start() {
    // OpenSeadragon adds a <style> of its own unless it finds this mark; the policy would refuse it.
    const mark = document.createElementNS("urn:none", "style");
    mark.setAttribute("data-openseadragon-mobile-css", "true");
    document.head.append(mark);
    this.stage.replaceChildren();
    const osd = window.OpenSeadragon({
      element: this.stage, drawer: "canvas", showNavigationControl: false,
      gestureSettingsMouse: { clickToZoom: false }, visibilityRatio: 0.6, minZoomImageRatio: 0.7,
      maxZoomPixelRatio: 3, animationTime: calm ? 0 : 0.4,
    });
    osd.addHandler("open", () => this.opened());
    osd.addHandler("open-failed", () => this.fallBack());
    return osd;
  }

  /** Show page `index`; `box` is looked at once it is there. */
  show(index, box = null) {
    if (index < 0 || index >= this.pages.length) return;
    this.wanted = box;
    if (index === this.at && this.layer) {
      this.draw();
      this.look();
      return;
    }
    this.at = index;
    this.load();
  }

  load() {
    const page = this.pages[this.at];
    this.layer = null;
    for (const other of this.pages) other.link.removeAttribute("aria-current");
    page.link.setAttribute("aria-current", "page");
    // Scrolls the strip alone; scrollIntoView would move the whole page.
    page.link.parentNode.scrollLeft = page.link.offsetLeft - page.link.parentNode.clientWidth / 2;
    if (this.osd) this.osd.open({ type: "image", url: page.link.dataset.image });
    else this.plainImage(page);
    this.writeText(page);
    for (const figures of this.host.querySelectorAll("[data-figures]")) figures.hidden = figures.dataset.figures !== page.id;
    // small forms about a page start with the page in view, where it is one of their choices
    for (const choice of document.querySelectorAll("select[data-follow]")) {
      if ([...choice.options].some((option) => option.value === page.id)) choice.value = page.id;
    }
  }

  plainImage(page) {
    const image = document.createElement("img");
    image.src = page.link.dataset.image;
    image.alt = this.host.dataset.alt || "";
    this.stage.replaceChildren(image);
  }

  fallBack() {
    this.osd.destroy();
    this.osd = null;
    this.stage.classList.add("plain");
    this.plainImage(this.pages[this.at]);
  }

  opened() {
    const size = this.osd.world.getItemAt(0).getContentSize();
    this.size = size;
    this.layer = makeLayer(size);
    this.draw();
    const whole = new window.OpenSeadragon.Rect(0, 0, 1, size.y / size.x);
    this.osd.addOverlay({ element: this.layer, location: whole });
    this.look(true);
  }

  draw() {
    if (!this.layer) return;
    this.layer.replaceChildren();
    this.layer.toggleAttribute("hidden", !this.marksShown);
    const page = this.pages[this.at];
    const mark = (box, kind) => drawMark(this.layer, this.size, box, kind);
    for (const line of page.lines || []) {
      if (line.confidence < UNSURE) mark(line.box, "low");
    }
    for (const box of page.values || []) mark(box, "read");
    for (const box of page.hits || []) mark(box, "hit");
    if (this.wanted) mark(this.wanted, "on");
  }

  /** Bring the wanted box (or the first hit) into view; else the whole page. */
  look(atOnce = false) {
    if (!this.osd || !this.size) return;
    const tall = this.size.y / this.size.x;
    const box = this.wanted || this.pages[this.at].hits?.[0];
    if (!box) {
      this.osd.viewport.goHome(atOnce);
      return;
    }
    const wide = Math.min(1, Math.max(0.55, box[2] - box[0] + 0.36));
    const left = Math.min(1 - wide, Math.max(0, (box[0] + box[2]) / 2 - wide / 2));
    const area = new window.OpenSeadragon.Rect(left, Math.max(0, box[1] * tall - 0.16), wide, Math.max(0.42, (box[3] - box[1]) * tall + 0.2));
    this.osd.viewport.fitBoundsWithConstraints(area, atOnce);
  }

  writeText(page) {
    const list = document.querySelector(this.host.dataset.text || "[data-page-text]");
    if (!list || !page.lines) return;
    list.replaceChildren(...page.lines.map(({ text, confidence }) => {
      const line = document.createElement("li");
      const span = document.createElement(this.term && fold(text).includes(this.term) ? "mark" : "span");
      span.textContent = text;
      if (confidence < UNSURE) span.classList.add("doubt");
      line.append(span);
      return line;
    }));
  }

  listen() {
    const view = () => this.osd?.viewport;
    const acts = {
      in: () => view()?.zoomBy(1.35),
      out: () => view()?.zoomBy(1 / 1.35),
      fit: () => view()?.goHome(),
      turn: () => view()?.setRotation(view().getRotation() + 90),
      previous: () => this.show(this.at - 1),
      next: () => this.show(this.at + 1),
      marks: (button) => {
        this.marksShown = !this.marksShown;
        button.setAttribute("aria-pressed", String(this.marksShown));
        this.draw();
      },
    };
    this.host.addEventListener("click", (event) => {
      const button = event.target.closest("[data-view]");
      if (button) acts[button.dataset.view](button);
      const link = event.target.closest("[data-strip] a");
      const index = link ? this.pages.findIndex((page) => page.id === link.dataset.page) : -1;
      if (index >= 0 && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        this.show(index);
      }
    });
  }

  /** Turn to the page with this id and frame the box; false when the page is not in this viewer. */
  showEvidence(id, box) {
    const index = this.pages.findIndex((page) => page.id === id);
    if (index >= 0) this.show(index, box);
    return index >= 0;
  }
}

const host = document.querySelector("[data-viewer]");
export const viewer = host ? new Viewer(host) : null;

// click a fact, see the line on the page; elsewhere the link itself leads to the right page
on("click", "a[data-evidence]", (link, event) => {
  if (event.ctrlKey || event.metaKey || !viewer) return;
  if (!viewer.showEvidence(link.dataset.page, parseBox(link.dataset.box))) return;
  event.preventDefault();
  viewer.host.scrollIntoView({ block: "nearest" });
  say(link.dataset.evidence);
});
