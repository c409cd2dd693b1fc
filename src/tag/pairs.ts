/** Open addressing over pairs of 32-bit numbers: the table that both layers of the matcher look into. */
const slotOf = (a: number, b: number): number => {
  const h = Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0x9e3779b1);
  return (h ^ (h >>> 15)) >>> 0;
};

/** A table from pairs of numbers (the second never 0) to slots; a slot's columns are the caller's. */
export function pairTable(columns: number): {
  find: (a: number, b: number) => number;
  claim: (a: number, b: number) => number;
  columns: Int32Array[];
} {
  let mask = 131071;
  let used = 0;
  let [keyA, keyB] = [new Int32Array(mask + 1), new Int32Array(mask + 1)];
  const kept = Array.from({ length: columns }, () => new Int32Array(mask + 1));
  const find = (a: number, b: number): number => {
    let slot = slotOf(a, b) & mask;
    while (keyB[slot] !== 0) {
      if (keyA[slot] === a && keyB[slot] === b) return slot;
      slot = (slot + 1) & mask;
    }
    return -1;
  };
  const claim = (a: number, b: number): number => {
    if (used * 2 > mask) widen();
    let slot = slotOf(a, b) & mask;
    while (keyB[slot] !== 0) {
      if (keyA[slot] === a && keyB[slot] === b) return slot;
      slot = (slot + 1) & mask;
    }
    keyA[slot] = a;
    keyB[slot] = b;
    used++;
    return slot;
  };
  const widen = (): void => {
    const [oldA, oldB, old] = [keyA, keyB, kept.slice()];
    mask = mask * 4 + 3;
    [keyA, keyB] = [new Int32Array(mask + 1), new Int32Array(mask + 1)];
    for (let c = 0; c < columns; c++) kept[c] = new Int32Array(mask + 1);
    used = 0;
    for (let slot = 0; slot < oldA.length; slot++) {
      if (oldB[slot] === 0) continue;
      const next = claim(oldA[slot]!, oldB[slot]!);
      for (let c = 0; c < columns; c++) kept[c]![next] = old[c]![slot]!;
    }
  };
  return { find, claim, columns: kept };
}
