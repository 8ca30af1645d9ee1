/** Checkpoint files: written so that they are whole or absent, never replaced, never outside the models folder. */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { TrainingMode } from '../generated/prisma/enums.js';

const EXTENSION = '.safetensors';
const TEMPORARY = /^\.writing-/;
/** A file is written within seconds; one that lies this long was left by a killed process, not one that another process is writing. */
const LEFT_BEHIND_MS = 10 * 60_000;
/** Beyond it a number in a file's name is somebody's whim: PostgreSQL's integer ends soon after. */
const HIGHEST_NUMBER = 2_000_000_000;

export const MODEL_FOLDER = { ONLINE: 'ctr_online', OFFLINE: 'ctr_offline', ARCHIVED: 'archive', REJECTED: 'rejected' } as const;
export type ModelFolder = (typeof MODEL_FOLDER)[keyof typeof MODEL_FOLDER];

/** ctr_model_online_006, or ctr_model_v6. */
export function checkpointName(mode: TrainingMode, number: number, onlinePrefix: string): string {
  return mode === 'ONLINE' ? `${onlinePrefix}_${String(number).padStart(3, '0')}` : `ctr_model_v${number}`;
}

export function checkpointPath(folder: ModelFolder, name: string): string {
  return `${folder}/${name}${EXTENSION}`;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export class ModelFiles {
  readonly #root: string;

  constructor(modelsDir: string) {
    this.#root = path.resolve(modelsDir);
  }

  /** Makes the folders, and removes what a killed process was still writing. */
  async start(): Promise<void> {
    for (const folder of Object.values(MODEL_FOLDER)) {
      const absolute = path.join(this.#root, folder);
      await mkdir(absolute, { recursive: true });
      for (const name of await readdir(absolute)) if (TEMPORARY.test(name)) await removeOld(path.join(absolute, name));
    }
  }

  /** Every checkpoint file, by its checkpoint's name. */
  async list(): Promise<{ name: string; path: string }[]> {
    const files: { name: string; path: string }[] = [];
    for (const folder of Object.values(MODEL_FOLDER)) {
      for (const file of await readdir(path.join(this.#root, folder)).catch(() => [])) {
        if (file.endsWith(EXTENSION)) files.push({ name: file.slice(0, -EXTENSION.length), path: `${folder}/${file}` });
      }
    }
    return files;
  }

  /** Where people find it: relative to the working directory when it lies below. */
  shownPath(relative: string): string {
    const absolute = this.#absolute(relative);
    const below = path.relative(process.cwd(), absolute);
    return below.startsWith('..') || path.isAbsolute(below) ? absolute : below;
  }

  /** The highest number among a mode's files, wherever they lie and whatever their prefix; 0 without any. */
  async highestNumber(mode: TrainingMode): Promise<number> {
    return (await this.#filesOf(mode)).reduce((highest, { number }) => Math.max(highest, number), 0);
  }

  /** Deletes what a run wrote under a number before it crashed. */
  async removeNumber(mode: TrainingMode, number: number): Promise<void> {
    for (const file of await this.#filesOf(mode)) if (file.number === number) await this.remove(file.path);
  }

  async #filesOf(mode: TrainingMode): Promise<{ path: string; number: number }[]> {
    const pattern = mode === 'ONLINE' ? /^[a-z0-9_]+_(\d{3,})\.safetensors$/ : /^ctr_model_v(\d+)\.safetensors$/;
    const files: { path: string; number: number }[] = [];
    for (const file of await this.list()) {
      const number = Number(pattern.exec(path.basename(file.path))?.[1] ?? NaN);
      if (number <= HIGHEST_NUMBER) files.push({ path: file.path, number });
    }
    return files;
  }

  /** Temporary file, fsync, link under its name (which fails if there is one), fsync of the folder. */
  async save(relative: string, bytes: Uint8Array): Promise<void> {
    const absolute = this.#absolute(relative);
    const folder = path.dirname(absolute);
    const temporary = path.join(folder, `.writing-${randomUUID()}`);
    await mkdir(folder, { recursive: true });
    try {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await publish(temporary, absolute);
    } finally {
      await rm(temporary, { force: true });
    }
    try {
      await syncFolder(folder);
    } catch (error) {
      // Not surely there is not there.
      await rm(absolute, { force: true });
      throw error;
    }
  }

  /** The file's bytes when they are the ones that were saved; else null. */
  async readVerified(relative: string, sha256: string): Promise<Uint8Array | null> {
    const bytes = await readFile(this.#absolute(relative)).catch(() => null);
    return bytes && sha256Of(bytes) === sha256 ? bytes : null;
  }

  /** Puts a lost or damaged file back. */
  async restore(relative: string, bytes: Uint8Array): Promise<void> {
    await this.remove(relative);
    await this.save(relative, bytes);
  }

  async remove(relative: string): Promise<void> {
    await rm(this.#absolute(relative), { force: true });
  }

  async move(from: string, to: string): Promise<void> {
    await rename(this.#absolute(from), this.#absolute(to));
    await syncFolder(path.dirname(this.#absolute(to)));
  }

  async freeDiskBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#root);
    return bavail * bsize;
  }

  #absolute(relative: string): string {
    const absolute = path.resolve(this.#root, relative);
    if (!absolute.startsWith(this.#root + path.sep)) throw new Error(`${relative} would lie outside the models folder.`);
    return absolute;
  }
}

async function removeOld(absolute: string): Promise<void> {
  const written = await stat(absolute).catch(() => null);
  if (written && Date.now() - written.mtimeMs > LEFT_BEHIND_MS) await rm(absolute, { force: true });
}

async function publish(temporary: string, absolute: string): Promise<void> {
  try {
    await link(temporary, absolute);
  } catch (error) {
    // Some file systems have no hard links: a copy that refuses to replace is second best, for a crash may leave it torn (the checksum will tell).
    if (!(error instanceof Error && 'code' in error && ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(String(error.code)))) throw error;
    await copyFile(temporary, absolute, constants.COPYFILE_EXCL);
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders; its file systems journal the entry themselves.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
