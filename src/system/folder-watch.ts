import { watch } from 'node:fs';

export interface FolderWatch {
  close(): void;
}

/** Calls `onChange` with the name of each entry that comes or goes; null where the folder cannot be watched. */
export type WatchFolder = (folder: string, onChange: (entry: string | null) => void) => FolderWatch | null;

/** By inotify: costs nothing while nothing happens. */
export const watchFolder: WatchFolder = (folder, onChange) => {
  try {
    const watcher = watch(folder, { persistent: false }, (_kind, entry) => onChange(entry));
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
};
