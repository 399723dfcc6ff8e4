// What a person at the screen can see and reach, asked from inside the page.
// Go calls run(name, limit, ...args) in the page's own world and waits for its
// promise. Every wait happens here, driven by the page's own changes, and ends
// after `limit` milliseconds with {late: "what was missing"}.
async function run(name, limit, ...args) {
  const deadline = performance.now() + limit;

  const frame = 20; // a little longer than one, in milliseconds
  const tick = 50; // for changes that are none of the document, such as of style

  /**
   * Resolves at the next moment at which the page may look different. It asks
   * for no animation frame: that would have the page painted for our sake.
   */
  function change(pause) {
    return new Promise((resolve) => {
      const done = () => {
        observer.disconnect();
        clearTimeout(timer);
        resolve();
      };
      const observer = new MutationObserver(done);
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      const timer = setTimeout(done, pause);
    });
  }

  /** Waits until look() gives {value}; its {missing} says why it does not yet. */
  async function until(look, pause = tick) {
    for (;;) {
      const seen = look();
      if ("value" in seen) return seen;
      if (performance.now() >= deadline) return { late: seen.missing };
      await change(pause);
    }
  }

  const found = (selector) => {
    const element = document.querySelector(selector);
    return element ? { value: element } : { missing: "no such element" };
  };

  const shown = (selector) => {
    const { value: element } = found(selector);
    if (!element) return { missing: "no such element" };
    const box = element.getBoundingClientRect();
    const visible = element.checkVisibility({ visibilityProperty: true }) && box.width > 0 && box.height > 0;
    return visible ? { value: element, box } : { missing: "not visible" };
  };

  const usable = (selector) => {
    const seen = shown(selector);
    return seen.value?.matches(":disabled, [inert], [inert] *") ? { missing: "disabled" } : seen;
  };

  // Chromium drops input before a page's first paint. Covered pages never paint.
  const painted = () => performance.getEntriesByType("paint").length > 0 || performance.now() > 5000;

  const ready = (selector) => {
    const seen = usable(selector);
    return seen.value && !painted() ? { missing: "not painted yet" } : seen;
  };

  /** Where a mouse would hit the element, once it lies still and uncovered. */
  function target(selector) {
    let last;
    return until(() => {
      const seen = ready(selector);
      if (!seen.value) return seen;
      seen.value.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      const box = seen.value.getBoundingClientRect();
      const point = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
      const still = last && last.x === point.x && last.y === point.y;
      last = point;
      if (!still) return { missing: "moving" };
      const hit = document.elementFromPoint(point.x, point.y);
      const reached = hit && (seen.value.contains(hit) || hit.contains(seen.value) || hit.closest("label")?.control === seen.value);
      return reached ? { value: point } : { missing: `covered by <${hit?.localName ?? "nothing"}>` };
    }, frame);
  }

  const actions = {
    target,
    async focus(selector) {
      const seen = await until(() => usable(selector));
      seen.value?.focus();
      return seen.late ? seen : { value: document.activeElement === seen.value };
    },
    async select(selector) {
      const seen = await until(() => ready(selector), frame);
      seen.value?.focus();
      seen.value?.select?.();
      return seen.late ? seen : { value: seen.value.value !== "" };
    },
    async text(selector, most) {
      const seen = await until(() => found(selector));
      return seen.late ? seen : { value: (seen.value.innerText ?? seen.value.textContent).slice(0, most) };
    },
    async value(selector, most) {
      const seen = await until(() => found(selector));
      return seen.late ? seen : { value: String(seen.value.value ?? "").slice(0, most) };
    },
    exists: (selector) => ({ value: "value" in found(selector) }),
    visible: (selector) => ({ value: "value" in shown(selector) }),
    async waitVisible(selector) {
      const seen = await until(() => shown(selector));
      return seen.late ? seen : { value: true };
    },
    waitHidden: (selector) => until(() => (shown(selector).value ? { missing: "still visible" } : { value: true })),
    waitTrue: (expression) => {
      const holds = (0, eval)(`() => (${expression}\n)`);
      return until(() => (holds() ? { value: true } : { missing: "still false" }));
    },
    excerpt: (most) => ({
      value: { url: location.href, title: document.title, text: (document.body?.innerText ?? "").slice(0, most) },
    }),
  };
  return actions[name](...args);
}
