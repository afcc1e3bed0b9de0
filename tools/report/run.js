// The page of one run. `mitoloom view` serves it, too: then `data.view` says what the server has.
(() => {
  const data = pageData();
  const {pyramid, slide} = data;
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();

  // ---- what there is ----
  // A slide alone, or one whose run goes on, has no result: the slide is all there is to see.
  const bare = data.result === null;
  const result = data.result ?? {threshold: 1, mitoses: 0, grade: null};
  const rule = data.rule ?? {width: 0, height: 0, step: 1, radius: 0, percentile: 95, exclude: 'none',
    grade1_max_count: 0, grade2_max_count: 0, doubt: null};
  const lowest = data.lowest ?? result.threshold;
  const areas = data.areas ?? {};
  const view = data.view ?? {tiles: false, progress: false, answers: false, given: [], problem: null};
  if (bare) document.body.classList.add('bare');
  const hasTruth = Boolean(data.truths);
  // Objects and true mitoses by one form; `at` is [x, y] on the analysis grid and [X, Y] on level 0.
  const place = ([x, y, X, Y]) => ({x, y, X, Y});
  const objects = (data.objects ?? []).map((one, index) => ({
    ...place(one.at), kind: 'object', index, score: one.score, sample: one.sample,
    truths: one.truths, picture: one.picture}));
  const truths = (data.truths || []).map((one, index) => ({
    ...place(one.at), kind: 'truth', index, picture: one.picture}));
  const pixel = (um) => um / data.mpp;

  // ---- the threshold, and what follows from it ----
  // The slider goes in thousandths; the threshold of the run is one of its stops.
  const stops = (() => {
    const out = new Set([lowest, result.threshold, 1]);
    for (let k = Math.ceil(lowest * 1000); k < 1000; ++k) out.add(k / 1000);
    return [...out].filter((stop) => stop >= lowest && stop <= 1).sort((a, b) => a - b);
  })();
  const state = {threshold: result.threshold, current: null, labels: new Map(), observer: ''};
  const live = {};

  function count() {
    const above = objects.filter((one) => one.score >= state.threshold);
    const floor = Math.max(state.threshold, rule.min_probability ?? 0);
    const hotspot = findHotspot(above.filter((one) => one.score >= floor), rule);
    const found = new Set(above.flatMap((one) => one.truths));
    Object.assign(live, {
      above, hotspot, found,
      grade: gradeOf(hotspot.count_p95, rule.grade1_max_count, rule.grade2_max_count),
      falseOnes: above.filter((one) => one.truths.length === 0).length,
    });
    for (const one of objects) {
      one.above = one.score >= state.threshold;
      one.inHotspot = isInHotspot(one);
      one.is = !one.above ? 'below' : !hasTruth ? 'claim' : one.truths.length > 0 ? 'found' : 'false';
    }
    for (const one of truths) {
      one.above = true;
      one.inHotspot = isInHotspot(one);
      one.is = found.has(one.index) ? 'hit' : 'missed';
    }
  }
  function isInHotspot(one) {
    const {hotspot} = live;
    return hotspot.count_max > 0 && Math.hypot(one.x - hotspot.x, one.y - hotspot.y) <= rule.radius;
  }

  // ---- the head: what the run found ----
  function showHead() {
    document.title = bare ? slide.name : `${slide.name}: ${plural(result.mitoses, 'mitosis', 'mitoses')}`;
    byId('name').textContent = slide.name;
    byId('notice').textContent = data.notice;
    const interval = result.interval &&
      `95 % interval ${number(result.interval[0], 1)} to ${number(result.interval[1], 1)}`;
    const size = ['pixel size', `${number(slide.mpp_x, 4)} µm`, slide.mpp_source];
    facts(byId('facts'), bare ? [size] : [
      ['mitotic figures', result.mitoses, `score ≥ ${number(result.threshold, 4)}`],
      [`in ${number(rule.area_mm2, 2)} mm², ${number(rule.percentile, 1)}th percentile`,
        number(result.count_p95, 2), interval],
      ['in one circle at most', result.count_max, null],
      ['mitotic grade', result.grade, null],
      ['tissue', `${result.tissue_mm2.toFixed(2)} mm²`,
        result.per_mm2 === null ? null : `${number(result.per_mm2, 2)} per mm²`],
      size,
    ]);
    const told = [
      view.problem,
      result.doubt && `Doubtful tissue mask: ${result.doubt}.`,
      result.excluded && `Left out of the tissue: ${result.excluded}.`,
      data.seen && 'The network has seen this slide, or another of its case, in training or tuning: ' +
        'found, false and missed say little.',
      // With tiles of the slide itself nothing is left out.
      ...(view.tiles ? [] : data.left_out ?? []),
    ].filter(Boolean);
    byId('warnings').replaceChildren(...told.map((text) => element('p', {class: 'notice'}, text)));
    byId('foot').textContent = `mitoloom ${data.version}`;
    const setHead = () => document.documentElement.style.setProperty('--head',
      `${document.querySelector('header').offsetHeight}px`);
    setHead();
    new ResizeObserver(setHead).observe(document.querySelector('header'));
  }

  // ---- the slide ----
  const layers = {claim: true, found: true, false: true, missed: true, below: false, hotspot: true,
    tissue: true, excluded: true, probability: false, all: true};
  let viewer = null;
  const canvas = byId('marks');
  const reduced = matchMedia('(prefers-reduced-motion: reduce)').matches;

  const pictures = new Map();  // URI -> Image that is or will be decoded
  function picture(uri) {
    if (!pictures.has(uri)) {
      const image = new Image();
      image.addEventListener('load', drawSoon);
      image.src = uri;
      pictures.set(uri, image);
    }
    const image = pictures.get(uri);
    return image.complete && image.naturalWidth > 0 ? image : null;
  }

  let drawing = 0;
  function drawSoon() {
    if (!drawing) drawing = requestAnimationFrame(() => { drawing = 0; draw(); });
  }

  // From pixels of the analysis grid, whose centres are whole numbers, to pixels of the canvas.
  function projection() {
    const zero = viewer.viewport.imageToViewerElementCoordinates(new OpenSeadragon.Point(0.5, 0.5));
    const one = viewer.viewport.imageToViewerElementCoordinates(
      new OpenSeadragon.Point(1000.5, 0.5));
    const scale = (one.x - zero.x) / 1000;
    return {scale, x: (x) => zero.x + x * scale, y: (y) => zero.y + y * scale};
  }

  function draw() {
    if (!viewer || !viewer.world.getItemCount()) return;
    const dpr = window.devicePixelRatio || 1;
    const {clientWidth: width, clientHeight: height} = canvas;
    if (canvas.width !== Math.round(width * dpr) || canvas.height !== Math.round(height * dpr)) {
      canvas.width = Math.round(width * dpr);
      canvas.height = Math.round(height * dpr);
    }
    const pen = canvas.getContext('2d');
    pen.setTransform(dpr, 0, 0, dpr, 0, 0);
    pen.clearRect(0, 0, width, height);
    const to = projection();
    const sees = (x, y, r) => x > -r && y > -r && x < width + r && y < height + r;
    drawCloseUps(pen, to, sees);
    if (!layers.all) { drawScale(to); return; }
    if (layers.probability)
      for (const tile of mapTiles) {
        const image = picture(`map/${tile.part}.png`);
        if (image) pen.drawImage(image, to.x(tile.x), to.y(tile.y), tile.width * to.scale, tile.height * to.scale);
      }
    if (layers.probability && data.probability) {
      const {x, y, width: w, height: h, uri} = data.probability;
      const image = picture(uri);
      if (image) {
        pen.imageSmoothingEnabled = true;
        pen.drawImage(image, to.x(x), to.y(y), w * to.scale, h * to.scale);
      }
    }
    if (layers.excluded)
      for (const kind of ['pen', 'unscanned', 'debris'])
        drawArea(pen, to, areas[kind], '#8a2be2', true);
    if (layers.tissue) drawArea(pen, to, areas.tissue, '#2f9e44', false);
    if (layers.hotspot && live.hotspot.count_max > 0)
      strokeTwice(pen, color('spot'), 3, (path) => path.arc(to.x(live.hotspot.x),
        to.y(live.hotspot.y), rule.radius * to.scale, 0, 2 * Math.PI));
    const unit = Math.max(1, parseFloat(style.fontSize) / 16);
    const r = Math.max(7 * unit, pixel(12.5) * to.scale);
    for (const one of [...objects, ...truths]) {
      if (!KINDS[one.is] || !layers[one.is]) continue;
      const [x, y] = [to.x(one.x), to.y(one.y)];
      if (!sees(x, y, 2 * r)) continue;
      drawMark(pen, one, x, y, r, unit);
    }
    drawScale(to);
  }
  function drawCloseUps(pen, to, sees) {
    // Only where the tiles of the pyramid are coarser than the screen.
    if (view.tiles || to.scale < 0.15) return;
    pen.save();
    pen.beginPath();
    pen.rect(to.x(-0.5), to.y(-0.5), pyramid.width * to.scale, pyramid.height * to.scale);
    pen.clip();
    for (const one of [...objects, ...truths]) {
      if (!one.picture) continue;
      const [um, uri] = one.picture;
      const size = pixel(um);
      const [x, y] = [to.x(Math.round(one.x) - 0.5 - Math.floor(size / 2)),
        to.y(Math.round(one.y) - 0.5 - Math.floor(size / 2))];
      if (!sees(x, y, size * to.scale)) continue;
      const image = picture(uri);
      if (image) pen.drawImage(image, x, y, size * to.scale, size * to.scale);
    }
    pen.restore();
  }
  function strokeTwice(pen, ink, width, trace, dash = []) {
    for (const [stroke, wide] of [['#ffffffd0', width + 2.5], [ink, width]]) {
      pen.beginPath();
      trace(pen);
      pen.setLineDash(wide === width ? dash : []);
      pen.strokeStyle = stroke;
      pen.lineWidth = wide;
      pen.stroke();
    }
    pen.setLineDash([]);
  }
  function drawArea(pen, to, polygons, ink, filled) {
    if (!polygons) return;
    pen.beginPath();
    for (const polygon of polygons) {
      for (let i = 0; i < polygon.length; i += 2)
        pen[i === 0 ? 'moveTo' : 'lineTo'](to.x(polygon[i]), to.y(polygon[i + 1]));
      pen.closePath();
    }
    if (filled) {
      pen.fillStyle = `${ink}38`;
      pen.fill('evenodd');
      pen.setLineDash([6, 4]);
    }
    pen.strokeStyle = ink;
    pen.lineWidth = 1.6;
    pen.stroke();
    pen.setLineDash([]);
  }
  function drawMark(pen, one, x, y, r, unit) {
    const {shape, color: name} = KINDS[one.is];
    const is = one === state.current;
    const path = new Path2D(PATHS[shape](x, y, is ? r * 1.25 : r));
    const width = (is ? 4 : 2.4) * unit;
    pen.setLineDash(shape === 'dots' ? [3, 4] : []);
    for (const [ink, wide] of [[is ? '#000000' : '#ffffffd8', width + (is ? 4 : 2.5)],
      [color(name), width]]) {
      pen.strokeStyle = ink;
      pen.lineWidth = wide;
      pen.stroke(path);
    }
    pen.setLineDash([]);
  }
  function drawScale(to) {
    const room = Math.min(140, canvas.clientWidth / 4);
    const lengths = [1, 2, 5].flatMap((n) => [-1, 0, 1, 2, 3, 4].map((e) => n * 10 ** e))
      .sort((a, b) => b - a);
    const um = lengths.find((length) => pixel(length) * to.scale <= room) ?? 0.1;
    byId('scale').querySelector('i').style.width = `${pixel(um) * to.scale}px`;
    byId('scale').querySelector('span').textContent = um >= 1000 ? `${um / 1000} mm` : `${um} µm`;
  }

  function openViewer() {
    if (!globalThis.OpenSeadragon) {
      byId('viewer').append(element('p', {class: 'message'},
        'This build of mitoloom shows no slides (MITO_REPORT_BUNDLE); overlay.jpg beside this page ' +
        'does.'));
      for (const one of document.querySelectorAll('.tools, .scale, .legend')) one.hidden = true;
      return;
    }
    const has = (level, x, y) => Object.hasOwn(pyramid.tiles, `${level}/${x}_${y}`);
    viewer = OpenSeadragon({
      element: byId('viewer'),
      drawer: 'canvas',  // textures of file:// are refused by WebGL
      showNavigationControl: false,
      showNavigator: matchMedia('(min-width: 60rem)').matches,
      navigatorPosition: 'BOTTOM_RIGHT',
      navigatorSizeRatio: 0.16,
      animationTime: reduced ? 0 : 0.6,
      maxZoomPixelRatio: 6,
      visibilityRatio: 0.3,
      gestureSettingsMouse: {clickToZoom: false},
      gestureSettingsTouch: {clickToZoom: false},
      tileSources: {
        width: pyramid.width, height: pyramid.height, tileSize: pyramid.tile_px, tileOverlap: 0,
        minLevel: pyramid.min_level, maxLevel: pyramid.max_level,
        tileExists: (level, x, y) => view.tiles || has(level, x, y),
        getTileUrl: (level, x, y) => pyramid.tiles[`${level}/${x}_${y}`] ??
          (view.tiles ? `tile/${level}/${x}_${y}.jpg` : ''),
      },
    });
    const inner = viewer.canvas;
    inner.setAttribute('role', 'application');
    inner.setAttribute('aria-label', 'The slide: arrows move, plus and minus zoom');
    for (const name of ['open', 'update-viewport', 'resize', 'animation'])
      viewer.addHandler(name, name === 'resize' ? drawSoon : draw);
    viewer.addHandler('canvas-click', (event) => {
      if (!event.quick) return;
      const one = nearest(event.position);
      if (one) choose(one, {fly: false});
    });
    viewer.addHandler('canvas-key', (event) => {
      // What is typed on the slide and is no movement is a key of the page.
      if ('npmsh0123'.includes(event.originalEvent.key)) event.preventDefaultAction = true;
    });
    new ResizeObserver(drawSoon).observe(canvas);
  }
  function nearest(position) {
    const to = projection();
    const reach = Math.max(14, pixel(16) * to.scale);
    let best = null;
    let least = reach;
    for (const one of [...objects, ...truths]) {
      if (!KINDS[one.is] || !layers[one.is]) continue;
      const away = Math.hypot(to.x(one.x) - position.x, to.y(one.y) - position.y);
      if (away <= least) { least = away; best = one; }
    }
    return best;
  }
  function fit(x, y, width) {
    if (!viewer) return;
    const rect = viewer.viewport.imageToViewportRectangle(x - width / 2, y - width / 2, width, width);
    viewer.viewport.fitBoundsWithConstraints(rect, reduced);
  }
  const seeAll = () => viewer && viewer.viewport.goHome(reduced);
  function seeHotspot() {
    if (live.hotspot.count_max > 0) fit(live.hotspot.x, live.hotspot.y, 2.1 * rule.radius);
  }

  // ---- the gallery ----
  const FILTERS = [
    ['above', 'at or above the threshold', (one) => one.kind === 'object' && one.above],
    ['hotspot', 'in the hotspot', (one) => one.kind === 'object' && one.above && one.inHotspot],
    ...(hasTruth ? [
      ['found', 'found', (one) => one.is === 'found'],
      ['false', 'false', (one) => one.is === 'false'],
      ['missed', 'missed', (one) => isMissed(one)],
    ] : []),
    ['open', 'without your opinion', (one) => one.kind === 'object' && one.above &&
      !state.labels.has(one.sample)],
    ['below', 'below the threshold', (one) => one.is === 'below'],
    ['all', 'all', (one) => one.kind === 'object'],
  ];
  // A missed mitosis is shown by the object that would find it at a lower threshold, or by itself.
  function isMissed(one) {
    if (one.kind === 'truth') return one.is === 'missed' && one.picture !== null;
    return one.is === 'below' && one.truths.some((t) => !live.found.has(t));
  }
  const gallery = byId('gallery');
  const ordered = [...objects].sort((a, b) => b.score - a.score || a.index - b.index)
    .concat(truths.filter((one) => one.picture));
  const LABELS = [['mitotic', 'mitosis', '1'], ['non_mitotic', 'not', '2'], ['unsure', 'unsure', '3']];
  let visible = [];

  function makePatch(one) {
    if (one.item) return one.item;
    const image = element('img', {alt: '', loading: 'lazy', decoding: 'async'});
    if (one.picture) {
      // The middle 32 um of it.
      const share = 32 / one.picture[0];
      image.style.cssText = `width: ${100 / share}%; left: ${-(100 / share - 100) / 2}%; ` +
        `top: ${-(100 / share - 100) / 2}%`;
      image.src = one.picture[1];
    }
    const cut = element('div', {class: 'cut'}, ...(one.picture ? [image] : []));
    one.item = element('div', {class: 'patch', role: 'option', id: `${one.kind}-${one.index}`,
      'aria-selected': 'false'},
    cut, element('div', {class: 'line'}));
    one.item.addEventListener('click', () => {
      choose(one);
      gallery.focus({preventScroll: true});
    });
    return one.item;
  }
  function paint(one) {
    const item = makePatch(one);
    const label = LABELS.find(([value]) => value === state.labels.get(one.sample));
    const kind = one.is === 'hit' ? 'found' : one.is;
    const score = one.kind === 'object' ? one.score.toFixed(3) : 'no score';
    item.classList.toggle('below', one.is === 'below');
    item.querySelector('.line').replaceChildren(element('span', {}, score), ' ',
      element('span', {class: 'said'}, label ? label[1] : ''), icon(kind));
    const called = isMissed(one) && one.kind === 'object' ? 'missed, below the threshold'
      : KINDS[kind].text;
    item.setAttribute('aria-label', `${score}${label ? ` ${label[1]}` : ''}, ${called}` +
      (one.inHotspot ? ', in the hotspot' : ''));
  }
  function showGallery() {
    const [, , takes] = FILTERS.find(([value]) => value === byId('filter').value);
    visible = ordered.filter((one) => takes(one));
    const pictured = visible.filter((one) => one.picture);
    const without = visible.length - pictured.length;
    // Without a picture there is nothing to look at; their number is said.
    visible = pictured;
    visible.forEach(paint);
    gallery.replaceChildren(...visible.map((one) => one.item));
    byId('shown-count').textContent = `${visible.length}` +
      (without > 0 ? `, and ${without} without a picture` : '');
    byId('nothing').hidden = visible.length > 0;
    gallery.hidden = visible.length === 0;
    markCurrent(false);
  }
  function markCurrent(scroll) {
    for (const other of gallery.querySelectorAll('[aria-selected=true]'))
      if (other !== state.current?.item) other.setAttribute('aria-selected', 'false');
    gallery.removeAttribute('aria-activedescendant');
    const one = state.current;
    if (!one?.item?.isConnected) return;
    one.item.setAttribute('aria-selected', 'true');
    gallery.setAttribute('aria-activedescendant', one.item.id);
    if (!scroll) return;
    // Only the list moves, never the page.
    const [box, own] = [gallery.getBoundingClientRect(), one.item.getBoundingClientRect()];
    if (own.top < box.top) gallery.scrollTop -= box.top - own.top + 6;
    if (own.bottom > box.bottom) gallery.scrollTop += own.bottom - box.bottom + 6;
    if (own.left < box.left) gallery.scrollLeft -= box.left - own.left + 6;
    if (own.right > box.right) gallery.scrollLeft += own.right - box.right + 6;
  }
  function choose(one, {fly = true} = {}) {
    state.current = one;
    document.documentElement.dataset.current = one.item?.id ?? `${one.kind}-${one.index}`;
    markCurrent(true);
    if (fly) fit(one.x, one.y, pixel(CLOSE_UM));
    showCurrent();
    drawSoon();
  }
  function showCurrent() {
    const one = state.current;
    const text = !one ? 'No detection is chosen.'
      : `${KINDS[one.is === 'hit' ? 'found' : one.is].text}, ` +
        (one.kind === 'object' ? `score ${number(one.score, 4)}, ` : '') +
        `at ${number(one.X, 0)}, ${number(one.Y, 0)}`;
    byId('current-text').textContent = text;
    for (const button of byId('label-buttons').querySelectorAll('[data-label]')) {
      button.disabled = !one || one.kind !== 'object';
      button.setAttribute('aria-pressed',
        String(one?.kind === 'object' && state.labels.get(one.sample) === button.dataset.label));
    }
  }
  function step(by) {
    if (visible.length === 0) return;
    const at = visible.indexOf(state.current);
    const next = at < 0 ? (by > 0 ? 0 : visible.length - 1)
      : Math.min(Math.max(at + by, 0), visible.length - 1);
    choose(visible[next]);
  }
  const CLOSE_UM = 88;  // what is seen of the slide where a detection is flown to
  const columns = () => {
    const {gridAutoFlow, gridTemplateColumns} = getComputedStyle(gallery);
    return gridAutoFlow.includes('column') ? 1 : gridTemplateColumns.split(' ').length;
  };

  // ---- the threshold ----
  function showLive() {
    const {hotspot, above, found, grade, falseOnes} = live;
    const known = rule.doubt === null;
    const rows = [['mitoses', above.length, null, 'mitoses'],
      ['hotspot', known ? number(hotspot.count_p95, 2) : NOT_HERE, null, 'p95'],
      ['at most', known ? hotspot.count_max : NOT_HERE, null, 'max'],
      ['grade', known ? grade : NOT_HERE, null, 'grade']];
    if (hasTruth)
      rows.push(['found', found.size, `of ${truths.length}`, 'found'], ['false', falseOnes, null, 'false'],
        ['missed', truths.length - found.size, null, 'missed']);
    facts(byId('live'), rows);
    rows.forEach(([, , , id], i) => { byId('live').children[i].querySelector('dd').id = `live-${id}`; });
    // For scripts: all digits.
    Object.assign(byId('live').dataset, {threshold: state.threshold, mitoses: above.length,
      p95: hotspot.count_p95, max: hotspot.count_max, positions: hotspot.positions, grade,
      x: hotspot.x, y: hotspot.y, found: found.size, false: falseOnes});
    // What a reader must not overlook: at this threshold the result is another.
    const regraded = known && grade !== result.grade;
    byId('live-grade').classList.toggle('changed', regraded);
    byId('live-note').textContent = [
      regraded ? `Another grade than that of the run, which is ${result.grade}.` : null, rule.doubt, data.lowest_doubt,
      state.threshold > (rule.min_probability ?? 0) ? null
        : `The hotspot counts from ${rule.min_probability} on.`].filter(Boolean).join(' ');
    byId('spoken').textContent = `Score at least ${number(state.threshold, 4)}: ` +
      `${plural(above.length, 'mitosis', 'mitoses')}` +
      (known ? `, ${number(hotspot.count_p95, 2)} in the hotspot, grade ${grade}` +
        (regraded ? `, another than that of the run, ${result.grade}` : '') : '');
  }
  function setThreshold(value) {
    state.threshold = Math.min(1, Math.max(lowest, value));
    const slider = byId('threshold');
    let nearestStop = 0;
    stops.forEach((stop, i) => {
      if (Math.abs(stop - state.threshold) < Math.abs(stops[nearestStop] - state.threshold))
        nearestStop = i;
    });
    slider.value = String(nearestStop);
    slider.setAttribute('aria-valuetext', number(state.threshold, 4));
    if (document.activeElement !== byId('exact')) byId('exact').value = String(state.threshold);
    count();
    showLive();
    showGallery();
    showCurrent();
    drawSoon();
  }
  function makeThreshold() {
    byId('threshold').max = String(stops.length - 1);
    byId('exact').min = String(lowest);
    byId('threshold').addEventListener('input', (event) => {
      setThreshold(stops[Number(event.target.value)]);
      byId('exact').value = String(state.threshold);
    });
    byId('exact').addEventListener('change', (event) => {
      const value = Number(event.target.value);
      if (event.target.value !== '' && Number.isFinite(value)) setThreshold(value);
      event.target.value = String(state.threshold);
    });
    byId('reset').addEventListener('click', () => {
      setThreshold(result.threshold);
      byId('exact').value = String(state.threshold);
    });
  }

  // ---- layers ----
  function makeLayers() {
    const rows = hasTruth ? ['found', 'false', 'missed', 'below'] : ['claim', 'below'];
    const marks = bare ? [] : rows.map((kind) => [kind, KINDS[kind].text, icon(kind)]);
    const line = (stroke, dash) => {
      const svg = document.createElementNS(NS, 'svg');
      svg.setAttribute('viewBox', '0 0 20 20');
      svg.setAttribute('aria-hidden', 'true');
      const path = document.createElementNS(NS, 'path');
      path.setAttribute('d', 'M1 14Q6 2 19 7');
      path.setAttribute('fill', 'none');
      path.setAttribute('stroke', stroke);
      path.setAttribute('stroke-width', '3');
      if (dash) path.setAttribute('stroke-dasharray', '4 3');
      svg.append(path);
      return svg;
    };
    if (!bare)
      marks.push(['hotspot', 'hotspot', line('var(--spot)')], ['tissue', 'tissue', line('#2f9e44')]);
    if (['pen', 'unscanned', 'debris'].some((kind) => areas[kind]))
      marks.push(['excluded', 'left out', line('#8a2be2', true)]);
    if (data.probability || view.progress) marks.push(['probability', 'probability', line('#35b779')]);
    byId('legend').hidden = marks.length === 0;
    byId('layers').replaceChildren(...marks.map(([name, text, mark]) => {
      const box = element('input', {type: 'checkbox', id: `layer-${name}`});
      box.checked = layers[name];
      box.addEventListener('change', () => { layers[name] = box.checked; drawSoon(); });
      return element('li', {}, element('label', {}, box, mark, element('span', {}, text)));
    }));
  }

  // ---- opinions ----
  const STORE = `mitoloom-run:${data.study}`;
  let storageWorks = true;
  function recall(key) {
    try { return localStorage.getItem(key); } catch { storageWorks = false; return null; }
  }
  function keep(key, text) {
    try { localStorage.setItem(key, text); } catch { storageWorks = false; }
  }
  function say(text, warning = false) {
    byId('status').textContent = text;
    byId('status').className = warning ? 'warning' : '';
  }
  const bySample = new Map(objects.map((one) => [one.sample, one]));
  const values = LABELS.map(([value]) => value);
  // Answers go to the server one after the other, the newest last.
  let sending = Promise.resolve();
  function send() {
    const body = JSON.stringify({observer: state.observer, labels: Object.fromEntries(state.labels)});
    sending = sending.then(async () => {
      const answer = await fetch('answers', {method: 'PUT', body});
      if (!answer.ok) throw new Error((await answer.text()).trim());
    }).catch((error) => { say(`The answers were not saved: ${error.message}`, true); });
  }
  function remember() {
    keep(`${STORE}:labels:${state.observer}`, JSON.stringify([...state.labels]));
    if (view.answers) send();
    else if (!storageWorks) say('This browser keeps nothing: save the answers before you close the page.', true);
  }
  function recallLabels(name) {
    // What the server has was said last, whatever this browser remembers.
    const given = view.given.filter(([sample, observer, label]) =>
      observer === name && bySample.has(sample) && values.includes(label));
    if (given.length > 0) return new Map(given.map(([sample, , label]) => [sample, label]));
    try {
      return new Map(JSON.parse(recall(`${STORE}:labels:${name}`) || '[]')
        .filter(([sample, label]) => bySample.has(sample) && values.includes(label)));
    } catch { return new Map(); }
  }
  function give(label) {
    const one = state.current;
    if (!one || one.kind !== 'object') {
      say(one ? 'This mitosis is no detection: there is nothing to judge.'
        : 'Choose a detection first.', true);
      return;
    }
    if (state.observer === '') {
      say('Enter your name first: every answer is saved with it.', true);
      byId('observer').focus();
      return;
    }
    if (label === null) state.labels.delete(one.sample); else state.labels.set(one.sample, label);
    paint(one);
    remember();
    const text = LABELS.find(([value]) => value === label);
    say(`${number(one.score, 3)}: ${text ? text[1] : 'no answer'}; ` +
      `${plural(state.labels.size, 'answer', 'answers')} of ${state.observer}`);
    if (label !== null) {
      if (byId('filter').value === 'open') {
        const at = visible.indexOf(one);
        showGallery();
        if (visible.length > 0) choose(visible[Math.min(at, visible.length - 1)]);
      } else {
        step(1);
      }
    }
    showCurrent();
    drawSoon();
  }
  function setObserver(name) {
    name = name.trim().replace(/\s+/g, ' ');
    byId('observer').value = name;
    if (name === state.observer) return;
    state.observer = name;
    keep(`${STORE}:observer`, name);
    state.labels = name === '' ? new Map() : recallLabels(name);
    showGallery();
    showCurrent();
    say(name === '' ? '' : `${name}: ` +
      `${plural(state.labels.size, 'answer', 'answers')} ${view.answers ? 'in answers.csv' : 'in this browser'}.`);
  }
  const quoted = (text) => (/[",\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  function answers() {
    const lines = objects.filter((one) => state.labels.has(one.sample))
      .map((one) => [one.sample, state.observer, state.labels.get(one.sample)].map(quoted).join(','));
    return {count: lines.length, text: ['sample,observer,label', ...lines].join('\n') + '\n'};
  }
  function save() {
    const {count: lines, text} = answers();
    if (lines === 0) {
      say('There is nothing to save yet.', true);
      return;
    }
    const link = element('a', {download: 'answers.csv'});
    link.href = URL.createObjectURL(new Blob([text], {type: 'text/csv'}));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say(`Saved answers.csv with ${plural(lines, 'answer', 'answers')}.`);
  }
  const fields = (line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)]
    .map((match) => (match[1] === undefined ? match[2] : match[1].replaceAll('""', '"')).trim());
  async function open(event) {
    const file = event.target.files[0];
    if (!file) return;
    const text = await file.text();
    event.target.value = '';
    const [head, ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    const rows = lines.map(fields);
    const people = new Set(rows.map((row) => row[1]));
    const fits = ([sample, , label]) => bySample.has(sample) && values.includes(label);
    if (head === undefined || fields(head).join() !== 'sample,observer,label' || people.size !== 1 ||
        !rows.every(fits)) {
      say(`${file.name} does not belong to this page, or holds several observers.`, true);
      return;
    }
    setObserver([...people][0]);
    for (const [sample, , label] of rows) state.labels.set(sample, label);
    remember();
    showGallery();
    showCurrent();
    say(`${file.name}: ${plural(rows.length, 'answer', 'answers')} of ${state.observer} read.`);
  }
  function makeLabels() {
    byId('label-buttons').replaceChildren(
      ...LABELS.map(([value, text, key]) => element('button', {type: 'button', 'data-label': value,
        'aria-pressed': 'false', onclick: () => give(value)}, element('kbd', {}, key), ` ${text}`)),
      element('button', {type: 'button', onclick: () => give(null)}, element('kbd', {}, '0'), ' clear'));
    byId('observer').addEventListener('change', (event) => setObserver(event.target.value));
    byId('save').addEventListener('click', save);
    byId('open').addEventListener('change', open);
    const last = recall(`${STORE}:observer`);
    if (last) setObserver(last);
  }

  // ---- keys ----
  function toggleMarks() {
    layers.all = !layers.all;
    say(layers.all ? 'Marks are shown.' : 'Marks are hidden; m shows them.');
    drawSoon();
  }
  const keys = {
    n: () => step(1), p: () => step(-1), s: seeAll, h: seeHotspot, m: toggleMarks,
    1: () => give('mitotic'), 2: () => give('non_mitotic'), 3: () => give('unsure'), 0: () => give(null),
  };
  const listKeys = {
    ArrowRight: () => step(1), ArrowLeft: () => step(-1),
    ArrowDown: () => step(columns()), ArrowUp: () => step(-columns()),
    Home: () => step(-visible.length), End: () => step(visible.length),
    Enter: () => state.current && choose(state.current), ' ': () => state.current && choose(state.current),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches('input:not([type=range], [type=checkbox]), select')) return;
    const action = keys[event.key] ?? (event.target === gallery ? listKeys[event.key] : undefined);
    if (!action) return;
    event.preventDefault();
    action();
  });

  // ---- provenance ----
  function table(title, rows, numbers = false) {
    return element('div', {}, element('h3', {}, title), element('div', {class: 'scroll'},
      element('table', {}, element('tbody', {}, ...rows.map(([name, value]) => element('tr', {},
        element('th', {scope: 'row'}, name),
        element('td', numbers ? {class: 'number'} : {}, String(value ?? NOT_HERE))))))));
  }
  function showProvenance() {
    const seconds = Object.entries(JSON.parse(byId('seconds').textContent)).sort((a, b) => b[1] - a[1]);
    const all = seconds.reduce((sum, [, value]) => sum + value, 0);
    const {model} = data;
    byId('provenance').replaceChildren(
      table('Seconds per node', [...seconds.map(([name, value]) => [name, value.toFixed(2)]),
        ['all', all.toFixed(2)]], true),
      table('Model', model === null ? [['model', 'not stated']] : [
        ['networks', model.networks], ['trained at', `${model.mpp} µm/px`],
        ['threshold', model.threshold], ['chosen on', model.threshold_source],
        ['cases of training', model.training_cases], ['digest', model.digest],
        ['digest of its data', model.data_digest], ['made by', model.version]]),
      table('This run', [
        ['slide', slide.file], ['identity', slide.identity], ['format', slide.vendor],
        ['level 0', `${slide.width_px} × ${slide.height_px} px`],
        ['pixels', `${slide.mpp_x} × ${slide.mpp_y} µm, from ${slide.mpp_source}`],
        ['threshold', result.threshold], ['objects from', data.lowest],
        ['circle', `${rule.area_mm2} mm², percentile ${rule.percentile}, left out: ${rule.exclude}`],
        ['grades', `1 up to ${rule.grade1_max_count}, 2 up to ${rule.grade2_max_count}`],
        ['interval', result.calibration ? `scores calibrated by ${result.calibration}` : 'scores as they are'],
        ['study of the answers', data.study], ['content key', data.key], ['mitoloom', data.version]]));
  }

  // ---- a run that goes on: its state, and the tiles of its map as they are stored ----
  const mapTiles = [];
  async function watch() {
    const answer = await fetch(`progress?after=${mapTiles.length}`);
    const now = await answer.json();
    if (now.done) { location.reload(); return; }
    for (const [part, x, y, width, height] of now.map)
      mapTiles.push({part, x: x - 2, y: y - 2, width, height});  // each value is the middle of 4 px
    byId('progress').textContent = now.state === null ? 'No run has begun here.'
      : `${now.state}: ${[now.node, now.tiles > 0 ? `tile ${now.tile} of ${now.tiles}` : '',
        `${Math.round(now.seconds)} s`, now.message].filter(Boolean).join(', ')}`;
    drawSoon();
    document.documentElement.dataset.map = String(mapTiles.length);
    const PAUSE_MS = 2000;
    if (now.state === 'running' || now.state === null) setTimeout(keepWatching, PAUSE_MS);
  }
  function keepWatching() {
    watch().catch(() => { byId('progress').textContent = 'The server does not answer any more.'; });
  }

  // ---- start ----
  for (const [value, text] of FILTERS) byId('filter').add(new Option(text, value));
  byId('filter').addEventListener('change', () => { showGallery(); });
  byId('zoom-in').addEventListener('click', () => viewer.viewport.zoomBy(1.6).applyConstraints());
  byId('zoom-out').addEventListener('click', () => viewer.viewport.zoomBy(1 / 1.6).applyConstraints());
  byId('see-all').addEventListener('click', seeAll);
  byId('see-hotspot').addEventListener('click', seeHotspot);
  showHead();
  makeThreshold();
  makeLayers();
  count();
  makeLabels();
  setThreshold(result.threshold);
  byId('exact').value = String(state.threshold);
  if (!bare) showProvenance();
  if (view.progress) {
    layers.probability = true;
    byId('layer-probability').checked = true;
    keepWatching();
  }
  byId('legend').open = matchMedia('(min-width: 40rem)').matches;
  openViewer();
  const ready = () => { document.documentElement.dataset.ready = '1'; };
  if (viewer) viewer.addOnceHandler('open', () => { draw(); ready(); }); else ready();
  // For those who look at the page by a script.
  globalThis.mitoloomPage = {viewer: () => viewer, data, state, live, saved: () => sending};
})();
