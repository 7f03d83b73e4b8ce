import type { Settings } from '../config/schema.js';
import { ClientFolder } from '../wpa/client-folder.js';
import { GroupStore } from './group-store.js';

/** Where the program keeps what it makes. */
export interface OwnFolders {
  /** The persistent group's name and passphrase. */
  readonly state: string;
  /** Our ends of the control links; null: a private folder under the temporary one. */
  readonly sockets: string | null;
}

export function ownFolders(
  { state_folder }: Pick<Settings, 'state_folder'>,
  environment: NodeJS.ProcessEnv = process.env,
  uid = process.getuid?.() ?? -1,
): OwnFolders {
  return {
    state: GroupStore.folder(state_folder, environment, uid),
    sockets: ClientFolder.place(environment, uid),
  };
}
