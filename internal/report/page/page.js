"use strict";
// The page is complete without this script. It adds filters, a viewer for
// screenshots, copy buttons, and opens what a link points at.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);

  // Links from the matrix open the entry they lead to.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    const entry = target && target.closest("details.entry");
    if (entry) {
      entry.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  reveal();

  const filters = one(".filters");
  if (filters) addFilters();
  addCopyButtons();
  addViewer();

  function addFilters() {
    const find = one("#find");
    const chips = all("[aria-pressed]", filters);
    const entries = all("details.entry").map((entry) => ({
      entry,
      card: entry.closest(".card"),
      text: (entry.closest(".card").querySelector("header").textContent + " " + entry.textContent).toLowerCase(),
    }));
    const pressed = (name) =>
      chips.filter((chip) => name in chip.dataset && chip.ariaPressed === "true").map((chip) => chip.dataset[name]);
    const admits = (wanted, value) => wanted.length === 0 || wanted.includes(value);

    const apply = () => {
      const verdicts = pressed("verdict");
      const variants = pressed("variant");
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
      const shown = new Set();
      let count = 0;
      for (const { entry, card, text } of entries) {
        const fits = admits(verdicts, entry.dataset.verdict) && admits(variants, entry.dataset.variant) &&
          words.every((word) => text.includes(word));
        entry.hidden = !fits;
        if (fits) {
          shown.add(card);
          count++;
        }
      }
      for (const card of all(".card")) card.hidden = !shown.has(card);
      one(".nothing").hidden = count > 0;
      one("#found").textContent = count === entries.length ? `${count} results` : `${count} of ${entries.length} results`;
    };

    find.addEventListener("input", apply);
    for (const chip of chips) {
      chip.addEventListener("click", () => {
        chip.ariaPressed = String(chip.ariaPressed !== "true");
        apply();
      });
    }
    one("#unfold").addEventListener("click", (event) => {
      const open = event.target.textContent === "Open all";
      for (const { entry } of entries) entry.open = open && !entry.hidden;
      event.target.textContent = open ? "Close all" : "Open all";
    });
    addEventListener("keydown", (event) => {
      if (event.key === "/" && !event.ctrlKey && !event.metaKey && event.target === document.body) {
        event.preventDefault();
        find.focus();
      }
    });
    // A link into what the filters hide takes the filters away.
    addEventListener("hashchange", () => {
      const target = document.getElementById(location.hash.slice(1));
      if (!target || !target.closest("[hidden]")) return;
      find.value = "";
      for (const chip of chips) chip.ariaPressed = "false";
      apply();
      reveal();
    });
    filters.hidden = false;
    apply();
  }

  function addCopyButtons() {
    for (const button of all("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        button.textContent = await copy(button.dataset.copy, button.parentElement.querySelector("code"));
        setTimeout(() => { button.textContent = "Copy"; }, 1600);
      });
    }
  }

  // Browsers may keep the clipboard from pages opened as a file; then the text
  // is at least selected.
  async function copy(text, shown) {
    try {
      await navigator.clipboard.writeText(text);
      return "Copied";
    } catch {
      getSelection().selectAllChildren(shown);
      return document.execCommand("copy") ? "Copied" : "Selected";
    }
  }

  function addViewer() {
    const viewer = one("#viewer");
    const picture = viewer.querySelector("img");
    let series = [];
    let at = 0;
    const show = (index) => {
      at = (index + series.length) % series.length;
      picture.src = series[at].src;
      picture.alt = series[at].alt;
      viewer.querySelector("figcaption").textContent = series[at].alt;
    };
    for (const summary of all(".shot > summary")) {
      summary.addEventListener("click", (event) => {
        event.preventDefault();
        series = all("img", summary.closest(".shots"));
        show(series.indexOf(summary.querySelector("img")));
        viewer.showModal();
      });
    }
    for (const button of all("[data-turn]", viewer)) {
      button.addEventListener("click", () => show(at + Number(button.dataset.turn)));
    }
    viewer.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") show(at - 1);
      if (event.key === "ArrowRight") show(at + 1);
    });
    viewer.querySelector("[data-close]").addEventListener("click", () => viewer.close());
    viewer.addEventListener("click", (event) => {
      if (event.target === viewer) viewer.close();
    });
  }
})();
