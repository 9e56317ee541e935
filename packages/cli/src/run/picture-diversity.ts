/**
 * How much pictures differ: `1 − mean cos(e_i, e_j)` over all pairs of their embeddings. 0 where all are alike, at most
 * `n / (n − 1)`; null of fewer than two.
 * @param embeddings One a picture, of one length; an embedding of zeros has cosine 0 with every other.
 */
export const pictureDiversity = (embeddings: readonly Float32Array[]): number | null => {
  const count = embeddings.length;
  if (count < 2) return null;
  // Over all pairs, Σ cos = (‖Σ u‖² − Σ ‖u‖²) / 2 with u = e / ‖e‖.
  const total = new Float64Array(embeddings[0]?.length ?? 0);
  let own = 0;
  for (const embedding of embeddings) {
    let square = 0;
    for (const value of embedding) square += value * value;
    if (square === 0) continue;
    own += 1;
    const scale = 1 / Math.sqrt(square);
    for (let i = 0; i < total.length; i += 1) total[i] = (total[i] ?? 0) + scale * (embedding[i] ?? 0);
  }
  const all = total.reduce((sum, value) => sum + value * value, 0);
  return 1 - (all - own) / (count * (count - 1));
};
