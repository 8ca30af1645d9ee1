/** Small file operations that the embedded server's folders need. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import type { Identity } from './identity.js';

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return false;
    throw error;
  }
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return isNativeError(error) && 'code' in error && codes.includes(String(error.code));
}

/**
 * Replaces a file whole. By a new file and a rename, because root writes here into folders of another user: writing in
 * place would follow a link that user has put there.
 */
export async function replaceFile(path: string, text: string, owner: Identity | undefined): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      if (owner) await file.chown(owner.uid, owner.gid);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes what was created or renamed in a folder outlast a power cut. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and keeps their entries by itself.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
