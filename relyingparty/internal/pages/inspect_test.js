// Evaluated in a page: what is wrong with its looks, one text for each fault.
(() => {
  const faults = [];
  const shown = (e) => e.checkVisibility({opacityProperty: true, visibilityProperty: true}) && e.getClientRects().length > 0;
  const hiddenForEyes = (e) => { for (let at = e; at; at = at.parentElement) if (getComputedStyle(at).clipPath === 'inset(50%)') return true; return false; };
  const name = (e) => (e.id ? '#' + e.id : e.tagName.toLowerCase() + (e.className?.baseVal === undefined && e.className ? '.' + e.className : '')) +
    ' “' + (e.innerText ?? '').trim().slice(0, 24) + '”';
  const all = [...document.body.querySelectorAll('*')].filter((e) => shown(e) && !hiddenForEyes(e));
  const wide = document.documentElement.clientWidth;

  // Nothing to scroll sideways for.
  if (document.documentElement.scrollWidth > wide) faults.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  for (const e of all) {
    const box = e.getBoundingClientRect();
    if (box.left < -0.5 || box.right > wide + 0.5) faults.push(`${name(e)} sticks out`);
  }

  // Nothing is cut off.
  for (const e of all) {
    const style = getComputedStyle(e);
    const clips = style.overflowX !== 'visible' && style.overflowX !== 'auto' && e.tagName !== 'INPUT' && e.tagName !== 'SELECT' && !e.closest('svg');
    if (clips && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)) faults.push(`${name(e)} is cut off`);
  }

  // What holds text itself.
  const words = (e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim() !== '');
  const texts = all.filter((e) => words(e) && !e.closest('svg') && !e.closest('select'));
  const controls = all.filter((e) => e.matches('a[href], button, input, select, summary, [tabindex="0"]'));
  // Where an element's own text stands, without that of what is in it.
  const rectOf = (e) => {
    const range = document.createRange();
    const own = [...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE && n.data.trim() !== '').map((n) => {
      range.selectNodeContents(n);
      return range.getBoundingClientRect();
    });
    return {
      left: Math.min(...own.map((r) => r.left)), right: Math.max(...own.map((r) => r.right)),
      top: Math.min(...own.map((r) => r.top)), bottom: Math.max(...own.map((r) => r.bottom)),
    };
  };

  // Nothing covers anything else.
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const related = (a, b) => a.contains(b) || b.contains(a) || a.matches('.reveal') || b.matches('.reveal');
  const solid = [
    ...controls.map((e) => [e, e.getBoundingClientRect()]),
    ...texts.filter((e) => getComputedStyle(e).display !== 'inline' && !controls.includes(e)).map((e) => [e, rectOf(e)]),
  ];
  for (let i = 0; i < solid.length; i++) {
    for (let j = i + 1; j < solid.length; j++) {
      const [a, boxA] = solid[i], [b, boxB] = solid[j];
      if (!related(a, b) && overlap(boxA, boxB)) faults.push(`${name(a)} covers ${name(b)}`);
    }
  }

  // What can be pressed is large enough (WCAG 2.2, 2.5.8), and the large ones are for thumbs.
  for (const e of controls) {
    const box = e.getBoundingClientRect();
    const target = e.matches('input[type="checkbox"]') ? e.closest('label').getBoundingClientRect() : box;
    if (target.width < 24 || target.height < 24) faults.push(`${name(e)} is only ${Math.round(target.width)}×${Math.round(target.height)} px`);
    if (e.matches('.button, input:not([type="checkbox"]), select') && box.height < 40) faults.push(`${name(e)} is only ${Math.round(box.height)} px high`);
  }

  // Contrast (WCAG 2.2, 1.4.3 and 1.4.11).
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const colour = (text) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, ground) => {
    const a = top[3] / 255;
    return [0, 1, 2].map((i) => top[i] * a + ground[i] * (1 - a)).concat(255);
  };
  const ground = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) layers.push(colour(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 255]);
  };
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const demand = (e, what, top, below, least) => {
    const got = contrast(over(top, below), below);
    if (got < least) faults.push(`${name(e)}: the contrast of its ${what} is ${got.toFixed(2)}, not ${least}`);
  };
  for (const e of texts) {
    const style = getComputedStyle(e);
    const large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && parseInt(style.fontWeight, 10) >= 700;
    demand(e, 'text', colour(style.color), ground(e), large ? 3 : 4.5);
  }
  for (const e of controls.filter((e) => e.matches('input:not([type="checkbox"]), select'))) {
    const style = getComputedStyle(e);
    demand(e, 'text', colour(style.color), ground(e), 4.5);
    demand(e, 'edge', colour(style.borderTopColor), ground(e.parentElement), 3);
  }
  for (const e of document.querySelectorAll('svg.icon')) {
    if (shown(e)) demand(e.parentElement, 'icon', colour(getComputedStyle(e).stroke), ground(e.parentElement), 3);
  }
  const ring = getComputedStyle(document.documentElement).getPropertyValue('--focus');
  demand(document.body, 'ring around the focus', colour(ring), ground(document.querySelector('main')), 3);
  return faults;
})()
