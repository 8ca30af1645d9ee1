/** Where an export goes: straight to the disk where the browser can, else into memory and then to the downloads. */

export interface ExportFile {
  write(text: string): Promise<void>;
  /** The file is whole, or as far as it came. */
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/** Of the File System Access API, what is used here; TypeScript's DOM library does not have the picker. */
interface FilePicker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
}

/** Asks where to save where the browser can ask. @returns null when the person changed their mind */
export async function openExportFile(name: string, type: string): Promise<ExportFile | null> {
  const { showSaveFilePicker } = window as FilePicker;
  if (!showSaveFilePicker) return downloadFile(name, type);
  try {
    const handle = await showSaveFilePicker.call(window, { suggestedName: name });
    const stream = await handle.createWritable();
    return { write: (text) => stream.write(text), close: () => stream.close(), abort: () => stream.abort().catch(() => undefined) };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    // Refused by a policy, say: the downloads are always there.
    return downloadFile(name, type);
  }
}

/** Small texts are gathered into blobs, which the browser keeps on the disk when they grow. */
const GATHERED_CHARACTERS = 4 * 1024 * 1024;

export function downloadFile(name: string, type: string): ExportFile {
  const blobs: Blob[] = [];
  let texts: string[] = [];
  let length = 0;
  const gather = (): void => {
    if (texts.length > 0) blobs.push(new Blob(texts));
    texts = [];
    length = 0;
  };
  return {
    write: async (text) => {
      texts.push(text);
      length += text.length;
      if (length > GATHERED_CHARACTERS) gather();
    },
    close: async () => {
      gather();
      const url = URL.createObjectURL(new Blob(blobs, { type }));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      // The download has taken the address by the next task or so; kept, it would hold the file in memory.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
    abort: async () => {
      blobs.length = 0;
      texts = [];
    },
  };
}
