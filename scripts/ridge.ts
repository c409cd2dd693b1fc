/** One example of a dense logistic regression: its numbers, its class, and how much it counts. */
export type Example = { readonly x: readonly number[]; readonly y: 0 | 1; readonly w: number };

/** Ridge logistic regression by Newton's method over few dense features, of which the first is the constant. */
export function fitRidge(examples: readonly Example[], ridge: number): number[] {
  const k = examples[0]!.x.length;
  const weights = new Array<number>(k).fill(0);
  for (let step = 0; step < 15; step++) {
    const gradient = new Float64Array(k);
    const hessian = Array.from({ length: k }, () => new Float64Array(k));
    for (const { x, y, w } of examples) {
      let z = 0;
      for (let i = 0; i < k; i++) z += weights[i]! * x[i]!;
      const p = 1 / (1 + Math.exp(-z));
      const h = w * Math.max(p * (1 - p), 1e-6);
      for (let i = 0; i < k; i++) {
        if (x[i] === 0) continue;
        gradient[i]! += w * (y - p) * x[i]!;
        const row = hessian[i]!;
        for (let j = 0; j <= i; j++) row[j]! += h * x[i]! * x[j]!;
      }
    }
    for (let i = 0; i < k; i++) {
      const r = i === 0 ? 1e-3 : ridge;
      gradient[i]! -= r * weights[i]!;
      hessian[i]![i]! += r;
      for (let j = 0; j < i; j++) hessian[j]![i] = hessian[i]![j]!;
    }
    solve(hessian, gradient).forEach((d, i) => {
      weights[i]! += d;
    });
  }
  return weights.map((w) => Math.round(w * 1000) / 1000);
}

/** Gauss–Jordan elimination with pivots. */
function solve(a: readonly Float64Array[], b: Float64Array): number[] {
  const n = b.length;
  const m = a.map((row, i) => [...row, b[i]!]);
  for (let c = 0; c < n; c++) {
    let best = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(m[r]![c]!) > Math.abs(m[best]![c]!)) best = r;
    const pivot = m[best]!;
    m[best] = m[c]!;
    m[c] = pivot;
    for (let r = 0; r < n; r++) {
      if (r === c || pivot[c] === 0) continue;
      const f = m[r]![c]! / pivot[c]!;
      for (let j = c; j <= n; j++) m[r]![j]! -= f * pivot[j]!;
    }
  }
  return m.map((row, i) => (row[i] === 0 ? 0 : row[n]! / row[i]!));
}
