/**
 * Does something with each item in turn, with several at a time. After a failure no further item is begun, and those that were
 * are waited for.
 * @throws What failed; one of them, where several did.
 */
export const inLanes = async <Item>(
  lanes: number,
  items: Iterable<Item>,
  body: (item: Item) => Promise<void>,
): Promise<void> => {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); !failed && !next.done; next = queue.next()) {
      try {
        await body(next.value);
      } catch (cause) {
        failed = true;
        throw cause;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
};
