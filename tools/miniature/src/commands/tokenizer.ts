import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createAtomicFile } from '../data/atomic-file.js';
import { createTokenizerFiles } from '../tokenizer-files.js';
import { captionWords } from '../vocabulary.js';
import { runCommand } from './run-command.js';

// npm run tokenizer -- FOLDER
await runCommand(async () => {
  const [folder] = process.argv.slice(2);
  if (!folder)
    throw new Error('Name the folder for the tokenizer, as in: npm run tokenizer -- model/tokenizer');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(createTokenizerFiles(captionWords))) {
    const file = createAtomicFile(join(folder, name));
    file.append(Buffer.from(text));
    file.commit();
  }
  console.log(`${folder}: ${captionWords.length} words`);
});
