/** In tests a training thread runs compiled code; jest puts this in the place of src/trainer/thread-file.ts. */
import { compiled } from './compiled.js';

export const THREAD_FILE = compiled('src/trainer/training-thread.ts');
export const THREAD_ARGUMENTS: readonly string[] = [];
