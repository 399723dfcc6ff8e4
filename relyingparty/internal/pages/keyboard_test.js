// Evaluated in a page: what the keyboard can reach, in the order of the page, which of
// it has the focus, and whether that shows.
(() => {
  const reachable = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter((e) => !e.disabled && e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true}));
  const at = document.activeElement;
  const style = getComputedStyle(at);
  return {
    names: reachable.map((e) => (e.id ? '#' + e.id : e.tagName.toLowerCase()) + ' ' + (e.innerText ?? '').trim()),
    at: reachable.indexOf(at),
    id: at.id,
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 ? style.outlineColor : '',
    moves: [...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).transitionDuration !== '0s' || getComputedStyle(e).animationName !== 'none').length,
    positive: document.querySelectorAll('[tabindex]:not([tabindex="0"], [tabindex="-1"])').length,
  };
})()
