import { z } from 'zod';
import { createPlain } from './plain.js';
import type { Strategy } from './strategy.js';

const place = '{}';

/** Options of prompt templates. */
export const promptTemplateOptions = z.strictObject({
  /** What is drawn, with `{}` where the prompt goes. */
  template: z
    .string()
    .refine((text) => text.includes(place), `it has no ${place}, which is where the prompt goes`)
    .default(`A stunning beautiful oil painting of a ${place}, cinematic lighting, golden hour light`)
    .describe(`What is drawn, with ${place} where the prompt goes.`),
});

/** Options of prompt templates, with defaults filled in. */
export type PromptTemplateOptions = z.output<typeof promptTemplateOptions>;

/** A prompt in its template. */
export const fillTemplate = (template: string, prompt: string): string => template.split(place).join(prompt);

/** Draws prompts in a template; rewards judge the pictures by the prompts alone. */
export const promptTemplate: Strategy<PromptTemplateOptions> = {
  options: promptTemplateOptions,
  rewards: 'none',
  create({ template }, { maker, judge }) {
    const plain = createPlain({ maker, judge: undefined });
    return {
      async draw(request) {
        const { subjects } = request;
        const filled = subjects.map(({ prompt, seed }) => ({ prompt: fillTemplate(template, prompt), seed }));
        const made = await plain.draw({ ...request, subjects: filled });
        const judgements = (await judge?.score(made.images, subjects)) ?? [];
        return { ...made, judgements, notes: filled.map(({ prompt }) => ({ drawnPrompt: prompt })) };
      },
      dispose: plain.dispose,
    };
  },
};
