'use strict';
// The counts of the sliding circle as the pipeline makes them (engine/stats/hotspot.cpp, method 9.4):
// the same positions, the same comparison at the circle's edge, the same percentile, the same first
// maximum. Numbers are doubles there and here, so that both say the same to the last bit.

// Number of k = 0, 1, ... with k * step < size.
function positionsAlong(size, step) {
  let n = Math.ceil(size / step);
  while (n > 0 && (n - 1) * step >= size) --n;
  while (n * step < size) ++n;
  return n;
}

// Points within `radius` (<=) of each position: {columns, rows, values}, row by row.
function countWithin(points, width, height, step, radius) {
  const columns = positionsAlong(width, step);
  const rows = positionsAlong(height, step);
  const steps = new Int32Array((columns + 1) * rows);
  const index = (position) => Math.floor(position / step);
  for (const {x, y} of points) {
    const top = Math.max(0, index(y - radius));
    const bottom = Math.min(rows - 1, index(y + radius) + 1);
    for (let row = top; row <= bottom; ++row) {
      const dy = row * step - y;
      if (dy * dy > radius * radius) continue;
      const inside = (column) => {
        const dx = column * step - x;
        return dx * dx + dy * dy <= radius * radius;
      };
      const half = Math.sqrt(radius * radius - dy * dy);
      let first = index(x - half) - 1;
      let last = index(x + half) + 1;
      while (first <= last && !inside(first)) ++first;
      while (last >= first && !inside(last)) --last;
      first = Math.max(0, first);
      last = Math.min(columns - 1, last);
      if (first > last) continue;
      steps[row * (columns + 1) + first] += 1;
      steps[row * (columns + 1) + last + 1] -= 1;
    }
  }
  const values = new Int32Array(columns * rows);
  for (let row = 0; row < rows; ++row) {
    let sum = 0;
    for (let column = 0; column < columns; ++column) {
      sum += steps[row * (columns + 1) + column];
      values[row * columns + column] = sum;
    }
  }
  return {columns, rows, values};
}

// Percentile with linear interpolation of the values that `included` (index) says; 0 of none.
function percentileOf(values, percent, included) {
  const taken = values.filter((_, i) => included(i)).sort();
  if (taken.length === 0) return {percentile: 0, positions: 0};
  const rank = percent / 100.0 * (taken.length - 1);
  const low = Math.floor(rank);
  const below = taken[low];
  const above = low + 1 < taken.length ? taken[low + 1] : below;
  return {percentile: below + (above - below) * (rank - low), positions: taken.length};
}

// `rule`: {width, height, step, radius, percentile, exclude, on_tissue}, lengths in pixels of the
// analysis grid; on_tissue: lengths of runs of positions off and on tissue in turn, for exclude
// 'background'.
function findHotspot(points, rule) {
  const counts = countWithin(points, rule.width, rule.height, rule.step, rule.radius);
  let included = () => true;
  if (rule.exclude === 'zero') included = (i) => counts.values[i] > 0;
  if (rule.exclude === 'background') {
    const tissue = new Uint8Array(counts.values.length);
    let at = 0;
    rule.on_tissue.forEach((run, i) => { tissue.fill(i % 2, at, at + run); at += run; });
    included = (i) => tissue[i] === 1;
  }
  const score = percentileOf(counts.values, rule.percentile, included);
  let highest = 0;
  for (let i = 1; i < counts.values.length; ++i)
    if (counts.values[i] > counts.values[highest]) highest = i;
  return {
    count_p95: score.percentile,
    positions: score.positions,
    count_max: counts.values.length > 0 ? counts.values[highest] : 0,
    x: (highest % counts.columns) * rule.step,
    y: Math.floor(highest / counts.columns) * rule.step,
  };
}

// Mitotic grade of a count (method 9.5).
function gradeOf(count, theta1, theta2) {
  if (count <= theta1) return 1;
  return count <= theta2 ? 2 : 3;
}
