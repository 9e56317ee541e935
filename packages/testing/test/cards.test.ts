import type { RewardCard } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { cardChecks } from '../src/index.js';
import { failures } from './failures.js';
import { plugin } from './rewards.js';

const card = { measures: 'Brightness.', range: [-1, 0], hacking: 'Grey.' } as const;
const weights = { name: 'net', source: 'acme/net', license: 'MIT', bytes: 10 };

describe('the check of cards', () => {
  it.each<[string, RewardCard | undefined, RegExp]>([
    ['no card', undefined, /it has no card/],
    ['no measure', { ...card, measures: ' ' }, /does not say what it measures/],
    ['no hacking', { measures: 'Brightness.', range: [-1, 0] }, /what pictures that cheat it look like/],
    ['no range', { measures: 'Brightness.', hacking: 'Grey.' }, /between which scores pictures lie/],
    ['an open range', { ...card, range: [null, null] }, /between which scores pictures lie/],
    ['an empty range', { ...card, range: [0, 0] }, /range of its card is empty: 0 to 0/],
    [
      'weights without a license',
      { ...card, weights: [{ ...weights, license: '' }] },
      /which license the weights net/,
    ],
    [
      'weights without a size',
      { ...card, weights: [weights, { name: 'head', source: 'acme/head', license: 'MIT' }] },
      /how large the weights head are/,
    ],
  ])('refuses %s', async (_, wrong, reason) => {
    const fields = wrong === undefined ? {} : { card: wrong };
    const { 'has a card that says what to know before training on it': failure } = await failures(
      cardChecks(plugin(undefined, fields)),
    );
    expect(failure).toMatch(reason);
  });

  it.each<[string, RewardCard]>([
    ['without weights', card],
    ['open at one end', { ...card, range: [null, 0] }],
    ['with weights', { ...card, weights: [weights, { ...weights, name: 'head' }] }],
  ])('passes a card %s', async (_, right) => {
    await expect(failures(cardChecks(plugin(undefined, { card: right })))).resolves.toEqual({});
  });
});
